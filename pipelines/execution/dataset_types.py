"""The dataset types of a run that the camera's policy may not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.repository.chain import Chain
    from pipelines.task.cmd_line_task import CmdLineTask

__all__ = ["PACKAGES", "identifying_keys", "run_dataset_types"]

PACKAGES = "packages"
"""Dataset type of the versions of the software."""


def run_dataset_types(task: type[CmdLineTask], chain: Chain) -> Mapping[str, object]:
    """Return what a task needs beside its outputs, as a policy has it.

    Parameters
    ----------
    task
        Its configuration, versions, and for each data ID metadata and log.
    chain
        Of the output. What it knows stays as it is; the log goes beside the
        metadata.

    Notes
    -----
    A dataset type of a run is named by the keys that identify the dataset
    type of its ``--id``, as far as observations have them.
    """
    name = task.default_name()
    keys = identifying_keys(task, chain)
    place = "-".join(f"{{{key}}}" for key in keys) or name
    metadata = task.metadata_type()
    known = chain.lookup(metadata).dataset_type.template if chain.knows(metadata) else None
    template = None if known is None else known.text
    log = f"{name}_log/{place}.log"
    if template is not None and "_metadata" in template and template.endswith(".yaml"):
        log = template.replace("_metadata", "_log").removesuffix(".yaml") + ".log"
    wanted: dict[str, dict[str, object]] = {
        task.config_type(): {
            "template": f"config/{name}.py",
            "storage_class": "Config",
            "description": f"Configuration of {name}",
        },
        task.selection_type(): {
            "template": f"config/{name}_selection.yaml",
            "storage_class": "Yaml",
            "description": f"Which data IDs {name} was run for the last time",
        },
        task.metadata_type(): {
            "template": f"{name}_metadata/{place}.yaml",
            "storage_class": "Yaml",
            "description": f"What {name} noted",
        },
        task.log_type(): {
            "template": log,
            "storage_class": "Text",
            "description": f"What {name} logged",
        },
        PACKAGES: {
            "template": "config/packages.yaml",
            "storage_class": "Yaml",
            "description": "Versions of the packages that made the outputs",
        },
    }
    return {name: kind for name, kind in wanted.items() if not chain.knows(name)}


def identifying_keys(task: type[CmdLineTask], chain: Chain) -> tuple[str, ...]:
    """Return the fewest keys that name what ``--id`` names."""
    lookup = chain.lookup(task.data_type)
    policy, keys = lookup.policy, lookup.dataset_type.keys
    unique = policy.observation.unique
    if unique and set(unique) <= set(keys):
        implied = {column for one in policy.observation.implied for column in one.columns}
        others = [key for key in keys if key not in policy.observation.columns]
        return tuple(unique) + tuple(key for key in others if key not in implied)
    return tuple(keys)
