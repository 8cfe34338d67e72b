"""From the magnitudes of a reference catalog to those that a camera's filter would give.

The form and the names are those of the LSST stack: with ``color = primary - secondary``

    magnitude = primary + c0 + color * (c1 + color * c2)
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from pipelines.errors import PhotoCalError
from pipelines.task import Config, ConfigDictField, Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.filter_label import FilterLabel

__all__ = ["ColorTerm", "ColorTermLibrary", "ColorTermSet", "apply_color_term"]


class ColorTerm(Config):
    """How the stars of one filter follow from two filters of a catalog."""

    primary = Field[str](doc="Filter of the catalog that is nearest.")
    secondary = Field[str](doc="The one whose difference to it is the colour.")
    c0 = Field[float](doc="Constant term, in magnitudes.", default=0.0)
    c1 = Field[float](doc="Factor of the colour.", default=0.0)
    c2 = Field[float](doc="Factor of its square.", default=0.0)


class ColorTermSet(Config):
    """The terms of one catalog."""

    data = ConfigDictField[str, ColorTerm](
        doc="Terms by the physical name of the camera's filter.",
        keytype=str,
        itemtype=ColorTerm,
        default={},
    )


class ColorTermLibrary(Config):
    """The terms of all catalogs that are known."""

    data = ConfigDictField[str, ColorTermSet](
        doc="Terms by the name of the catalog, which may have * and ?.",
        keytype=str,
        itemtype=ColorTermSet,
        default={},
    )

    def knows(self, catalog: str) -> bool:
        """Tell whether there are terms for a catalog."""
        return any(fnmatchcase(catalog, one) for one in self.data)

    def find(self, catalog: str, label: FilterLabel | None) -> ColorTerm:
        """Return the term of a filter.

        Parameters
        ----------
        catalog
            Name of the reference catalog. Its own name goes before patterns.
        label
            Filter of the exposure, by its physical name or its band.

        Raises
        ------
        PhotoCalError
            If there is none.
        """
        patterns = [catalog] if catalog in self.data else sorted(self.data)
        fitting = [one for one in patterns if fnmatchcase(catalog, one)]
        names = [] if label is None else [one for one in (label.physical, label.band) if one]
        for pattern in fitting:
            for name in names:
                if name in self.data[pattern].data:
                    term: ColorTerm = self.data[pattern].data[name]
                    return term
        raise PhotoCalError(
            f"There is no colour term for {' or '.join(names) or 'an exposure without a filter'} "
            f"with the reference catalog {catalog!r}; there are some for: "
            f"{', '.join(sorted(self.data)) or 'none'}. applyColorTerms = False goes on without."
        )


def apply_color_term(
    term: ColorTerm, primary: NDArray[np.float64], secondary: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the fluxes of stars in the camera's filter.

    Parameters
    ----------
    term
        Of the filter.
    primary, secondary
        Fluxes in the two filters of the catalog, in nJy, shape (n,).

    Returns
    -------
    numpy.ndarray
        In nJy; NaN where one of both is not positive.
    """
    known = (primary > 0) & (secondary > 0)
    made = np.full(primary.shape, np.nan)
    color = -2.5 * np.log10(primary[known] / secondary[known])
    shift = term.c0 + color * (term.c1 + color * term.c2)
    made[known] = primary[known] * 10 ** (-0.4 * shift)
    return made
