"""The numbers that make a WCS, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Coefficients", "Pole", "Sip", "WcsParameters"]

Coefficients: TypeAlias = tuple[tuple[float, ...], ...]
"""Those of a polynomial: row i, column j belongs to u^i v^j."""
Pole: TypeAlias = float | None


@dataclass(frozen=True, slots=True)
class Sip:
    """Distortion polynomials, in pixels from the reference pixel (Shupe et al. 2005).

    Parameters
    ----------
    a, b
        What is added to x and y on the way to the sky.
    ap, bp
        What is added on the way back, if a header has it. Here the way back
        is computed from ``a`` and ``b``; these are kept for other programs.
    """

    a: Coefficients
    b: Coefficients
    ap: Coefficients = ()
    bp: Coefficients = ()


@dataclass(frozen=True, slots=True)
class WcsParameters:
    """A WCS of the FITS standard, right ascension first.

    Parameters
    ----------
    crval
        Right ascension and declination of the reference position, in degrees.
    crpix
        The reference position in parent coordinates, counted from 0.
    cd
        CD1_1, CD1_2, CD2_1, CD2_2, in degrees per pixel.
    projection
        Three letters: TAN, TPV, ...
    lonpole, latpole
        In degrees; None stands for the default of the standard.
    radesys, equinox
        System of coordinates, and year of the equinox if it has one.
    sip
        Distortion.
    pv
        Parameters of the projection: axis (1 is right ascension), number, value.
    """

    crval: tuple[float, float]
    crpix: tuple[float, float]
    cd: tuple[float, float, float, float]
    projection: str = "TAN"
    lonpole: Pole = None
    latpole: Pole = None
    radesys: str = "ICRS"
    equinox: float | None = None
    sip: Sip | None = None
    pv: tuple[tuple[int, int, float], ...] = ()

    @property
    def is_plain_tan(self) -> bool:
        """Whether it is a gnomonic projection with north up, as nearly all images have it."""
        default = 180.0 if self.crval[1] < 90.0 else 0.0  # noqa: PLR2004 - Calabretta & Greisen 2002, 2.2
        lonpole = default if self.lonpole is None else self.lonpole
        return self.projection == "TAN" and not self.pv and lonpole == 180.0  # noqa: PLR2004 - as above
