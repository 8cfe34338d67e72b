"""A TAN-SIP WCS that every library writes into its headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WCS_CARDS"]

WCS_CARDS: Mapping[str, str | float] = {
    "CTYPE1": "RA---TAN-SIP",
    "CTYPE2": "DEC--TAN-SIP",
    "CUNIT1": "deg",
    "CUNIT2": "deg",
    "CRVAL1": 320.749925,
    "CRVAL2": 0.500019,
    "CRPIX1": 1024.5,
    "CRPIX2": 4395.167,
    "CD1_1": 2.9e-9,
    "CD1_2": 4.7222e-5,
    "CD2_1": -4.7222e-5,
    "CD2_2": 2.9e-9,
    "A_ORDER": 2,
    "A_2_0": 1.1e-7,
    "A_0_2": -2.3e-7,
    "B_ORDER": 2,
    "B_1_1": 3.1e-7,
    "RADESYS": "ICRS",
    "EQUINOX": 2000.0,
}
