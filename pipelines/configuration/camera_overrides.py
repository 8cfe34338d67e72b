"""What a camera's package says about the configuration of tasks."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from butler.mapper import Mapper

__all__ = ["camera_overrides"]


def camera_overrides(mapper: Mapper, task_name: str) -> list[str]:
    """Return the files that a camera's package ships for a task, in the order of loading.

    Parameters
    ----------
    mapper
        The camera. Its package is the folder of its module.
    task_name
        Default name of the task.

    Returns
    -------
    list of str
        ``config/TASK.py``, then ``config/CAMERA/TASK.py``; those that are there.
    """
    spec = find_spec(type(mapper).__module__)
    if spec is None or spec.origin is None or not task_name.isidentifier():
        return []
    folder = os.path.join(os.path.dirname(spec.origin), "config")
    names = (f"{task_name}.py", os.path.join(mapper.name, f"{task_name}.py"))
    paths = (os.path.join(folder, name) for name in names)
    return [path for path in paths if os.path.isfile(path)]
