"""Make the import lines of the LSST stack's second generation work.

``import butler.gen2`` lets ``from lsst.afw.image import Exposure`` and the
like import what this distribution has of the same name. The finder is asked
last: a real package of that name always wins, whether it is imported before
or after, and with no ``lsst`` at all the packages above are made up.

Each package declares its modules in the entry-point group
``skybutler.gen2_modules``: ``lsst.afw.image = imaging.gen2_modules.afw_image``.
Nothing of them is imported before somebody asks for it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from butler.entry_points import all_entry_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

__all__ = ["Gen2Finder", "Gen2Loader", "install"]

GROUP = "skybutler.gen2_modules"


class Gen2Loader(Loader):
    """Fills a module with the public names of another.

    Parameters
    ----------
    target
        Name of the other module, None for a package that holds others only.
    """

    def __init__(self, target: str | None) -> None:
        self.target = target

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
        if self.target is None:
            return
        source = import_module(self.target)
        names = list(source.__all__)
        module.__dict__.update({name: getattr(source, name) for name in names})
        module.__dict__["__all__"] = names
        module.__doc__ = source.__doc__


class Gen2Finder(MetaPathFinder):
    """Finds the modules that packages declare, and the packages above them.

    Parameters
    ----------
    modules
        Name of a module of the LSST stack to the name of ours.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.modules = dict(modules)
        self.packages = {
            name.rsplit(".", depth)[0]
            for name in self.modules
            for depth in range(1, name.count(".") + 1)
        }

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the shape of a finder
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> ModuleSpec | None:
        """Return how to load a module, None for one that is not ours."""
        if fullname not in self.modules and fullname not in self.packages:
            return None
        loader = Gen2Loader(self.modules.get(fullname))
        return ModuleSpec(fullname, loader, is_package=fullname in self.packages)


def install() -> None:
    """Append the finder to those that Python asks, once."""
    if not any(isinstance(finder, Gen2Finder) for finder in sys.meta_path):
        sys.meta_path.append(Gen2Finder(all_entry_points(GROUP)))


install()
