"""Questions before something is removed."""

from __future__ import annotations

import sys

import click

__all__ = ["is_confirmed"]


def is_confirmed(question: str, *, yes: bool) -> bool:
    """Tell whether the user wants it.

    Parameters
    ----------
    question
        Put to the user, on a terminal alone.
    yes
        Whether ``--yes`` was given: nothing is asked then.

    Raises
    ------
    click.UsageError
        If there is nobody to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} There is nobody to ask: say so with --yes.")
    return click.confirm(question, err=True)
