"""What tells the sources of one exposure from those of all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from imaging.table.ids import IdFactory

if TYPE_CHECKING:
    from butler.data_ref import DataRef

__all__ = ["ExposureIds", "find_exposure_ids"]

_BITS: Final = 64  # of an identifier, its sign included, as the LSST stack counts them


@dataclass(frozen=True, slots=True)
class ExposureIds:
    """The number of an exposure of one detector, and how long such numbers are.

    Parameters
    ----------
    exposure_id
        The number. It seeds what is random, and stands in the upper bits of
        the identifiers of sources.
    bits
        That such numbers take; all others count sources.
    """

    exposure_id: int = 0
    bits: int = 1

    def make_id_factory(self) -> IdFactory:
        """Return a source of identifiers that no other exposure has."""
        return IdFactory.make_source(self.exposure_id, _BITS - self.bits)


def find_exposure_ids(ref: DataRef) -> ExposureIds:
    """Return what the camera computes for a data ID.

    Parameters
    ----------
    ref
        Of one detector. Its camera computes ``ccdExposureId`` and
        ``ccdExposureId_bits``.
    """
    number, bits = (ref.get(f"ccdExposureId{suffix}") for suffix in ("", "_bits"))
    return ExposureIds(int(str(number)), int(str(bits)))
