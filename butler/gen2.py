"""Make the import lines of the LSST stack's second generation work.

``import butler.gen2`` lets ``from lsst.afw.image import Exposure`` and the
like import what this distribution has of the same name. The finder is asked
last: a real package of that name always wins, whether it is imported before
or after, and with no ``lsst`` at all the packages above are made up.

Each package declares its modules in the entry-point group
``skybutler.gen2_modules``: ``lsst.afw.image = imaging.gen2_modules.afw_image``.
A package adds a name to a module that may be another's by
``lsst.meas.algorithms.SubtractBackgroundTask = pipelines.background.task:SubtractBackgroundTask``.
Nothing of them is imported before somebody asks for it, added names one by one.

Folders that stand for packages of the stack are declared in the group
``skybutler.gen2_packages``: ``obs_subaru = mappers.hsc`` lets
``getPackageDir("obs_subaru")`` find the folder of ``mappers.hsc`` in
``OBS_SUBARU_DIR``, unless that is set already.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import TYPE_CHECKING

from butler.entry_points import all_entry_points, load_entry_point

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

__all__ = ["Gen2Finder", "Gen2Loader", "install"]

GROUP = "skybutler.gen2_modules"
PACKAGES_GROUP = "skybutler.gen2_packages"


class Gen2Loader(Loader):
    """Fills a module with the public names of another, and with names from elsewhere.

    Parameters
    ----------
    target
        Name of the other module, None for a module that has no other names
        than the added ones.
    added
        Name in the module to where it is, as ``module:attribute``. They are
        imported when somebody asks for them.
    """

    def __init__(self, target: str | None, added: Mapping[str, str] | None = None) -> None:
        self.target = target
        self.added = dict(added or {})

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:  # noqa: ARG002 - the shape of a loader
        """Leave it to the import system."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Copy the public names.

        Raises
        ------
        ImportError
            If the other module cannot be imported.
        """
        names: list[str] = []
        source = None
        if self.target is not None:
            source = import_module(self.target)
            names = list(source.__all__)
            module.__dict__.update({name: getattr(source, name) for name in names})
            module.__doc__ = source.__doc__
        names += [name for name in self.added if name not in names]
        module.__dict__["__all__"] = names
        explain = getattr(source, "__getattr__", None)  # says why something is not there
        if explain is not None:
            module.__dict__["__getattr__"] = explain
        if self.added:
            module.__dict__["__getattr__"] = lambda name: self._add(module, name)
            module.__dict__["__dir__"] = lambda: sorted({*module.__dict__, *names})

    def _add(self, module: ModuleType, name: str) -> object:
        """Return one of the added names, and keep it in the module."""
        if name not in self.added:
            message = f"module {module.__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        found = load_entry_point(self.added[name])
        setattr(module, name, found)
        return found


class Gen2Finder(MetaPathFinder):
    """Finds the modules that packages declare, and the packages above them.

    Parameters
    ----------
    modules
        Name of a module of the LSST stack to the name of ours; or name of a
        module and of something in it, to ``module:attribute`` of ours.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = {name: value for name, value in modules.items() if ":" not in value}
        self.added: dict[str, dict[str, str]] = {}
        for name, value in sorted(modules.items()):
            if ":" in value:
                module, _, attribute = name.rpartition(".")
                self.added.setdefault(module, {})[attribute] = value
        self.packages = {
            name.rsplit(".", depth)[0]
            for name in (*self.modules, *self.added)
            for depth in range(1, name.count(".") + 1)
        }

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the shape of a finder
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return how to load a module, None for one that is not ours."""
        is_ours = fullname in self.modules or fullname in self.added
        if not is_ours and fullname not in self.packages:
            return None
        loader = Gen2Loader(self.modules.get(fullname), self.added.get(fullname))
        return ModuleSpec(fullname, loader, is_package=fullname in self.packages)


def install() -> None:
    """Append the finder to those that Python asks, once, and name the folders of packages."""
    if not any(isinstance(finder, Gen2Finder) for finder in sys.meta_path):
        sys.meta_path.append(Gen2Finder(all_entry_points(GROUP)))
    for name, module in all_entry_points(PACKAGES_GROUP).items():
        spec = find_spec(module)
        for folder in spec.submodule_search_locations or () if spec else ():
            os.environ.setdefault(f"{name.upper()}_DIR", folder)


install()
