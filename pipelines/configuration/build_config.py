"""The configuration of a run, from its defaults to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pipelines.configuration.camera_overrides import camera_overrides
from pipelines.configuration.override_file import LoadedFile, load_override_file, load_shipped_file
from pipelines.configuration.overrides import set_field
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from butler.mapper import Mapper
    from pipelines.task.cmd_line_task import CmdLineTask
    from pipelines.task.config import Config

__all__ = ["Override", "build_config"]


class Override(NamedTuple):
    """A change that the user asks for: ``field=value``, or the path of a file."""

    kind: Literal["field", "file"]
    text: str


def build_config(
    task: type[CmdLineTask],
    mapper: Mapper,
    overrides: Iterable[Override] = (),
    *,
    base: Config | None = None,
) -> tuple[Config, list[LoadedFile]]:
    """Return the configuration of a run, and the files that it was made by.

    Parameters
    ----------
    task
        Its ``ConfigClass`` has the defaults.
    mapper
        The camera; what its package ships for the task comes next, then
        ``apply_overrides`` of the task.
    overrides
        What the user asks for, in this order, at last.
    base
        In place of the defaults; it is changed.

    Raises
    ------
    ConfigError
        If something cannot be, or the whole is not valid.
    """
    config = task.ConfigClass() if base is None else base
    loaded = [
        load_shipped_file(config, path) for path in camera_overrides(mapper, task.default_name())
    ]
    task.apply_overrides(config)
    for kind, text in overrides:
        if kind == "file":
            loaded.append(load_override_file(config, text))
        else:
            set_field(config, text)
    try:
        config.validate()
    except ValueError as error:
        raise ConfigError(f"{task.default_name()} cannot be configured so: {error}") from error
    return config, loaded
