"""The verbs and their short help, so that ``butler --help`` imports none of their modules."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERBS", "function_of", "module_of"]

VERBS: Mapping[str, str] = {
    "cameras": "List the cameras that are installed.",
    "certify": "Say when calibrations are valid.",
    "chain": "Show or change the parents of a repository.",
    "completion": "Print the script that completes commands in a shell.",
    "cp": "Copy datasets to a directory or another repository.",
    "create": "Make a new repository.",
    "decertify": "Take back when calibrations are valid.",
    "doctor": "Find what crashes or lost files have left, and repair it.",
    "du": "Show what takes how much space.",
    "explain": "Say how a dataset is looked for, step by step.",
    "export": "Make a repository, or a table of contents, of chosen datasets.",
    "get": "Print where a dataset is, or copy it out.",
    "import": "Take datasets from another repository, an export or a table.",
    "info": "Show what a repository is and what it holds.",
    "ingest": "Take raw files into a repository.",
    "ingest-calibs": "Take calibrations into a repository, with the time they are valid.",
    "ingest-curated-calibs": "Take calibrations that are kept as text into a repository.",
    "ingest-refcat": "Make a reference catalog from tables.",
    "ls": "List dataset types, or the datasets of one.",
    "migrate": "Make a Gen2 repository ours, or bring an old one up to date.",
    "provenance": "Say how a dataset was made.",
    "put": "Copy a file into a repository as a dataset.",
    "rerun": "Make a rerun: a repository on top of others.",
    "reruns": "List the known reruns of a repository.",
    "rm": "Remove datasets.",
    "rm-repo": "Remove a whole repository.",
    "run": "Run a task over many data IDs.",
    "show": "Show a dataset as text, as a picture, or in a viewer.",
    "tag": "Give datasets a tag, take it, or list the tags.",
    "warm-up": "Compile the kernels of all tasks, once after installing.",
}
"""Each verb and what it does, in a sentence."""


def function_of(verb: str) -> str:
    """Return the name of the function that a verb is.

    A word of Python itself gets an underscore behind it: ``import_``.
    """
    name = verb.replace("-", "_")
    return f"{name}_" if iskeyword(name) else name


def module_of(verb: str) -> str:
    """Return the name of the module in which a verb is the function of the same name."""
    return f"cli.{function_of(verb)}"
