"""Older spellings of the configuration of instrument signature removal, for users' files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsst.pex.config import ConfigurableInstance

__all__ = ["IsrConfigNames"]


class IsrConfigNames:
    """Fields of ``overscan`` as they were called before it was a task."""

    if TYPE_CHECKING:

        @property
        def overscan(self) -> ConfigurableInstance: ...

    @property
    def overscanFitType(self) -> str:
        """See ``overscan.fitType``."""
        return str(self.overscan.fitType)

    @overscanFitType.setter
    def overscanFitType(self, value: str) -> None:
        self.overscan.fitType = value

    @property
    def overscanOrder(self) -> int:
        """See ``overscan.order``."""
        return int(self.overscan.order)

    @overscanOrder.setter
    def overscanOrder(self, value: int) -> None:
        self.overscan.order = value

    @property
    def overscanNumSigmaClip(self) -> float:
        """See ``overscan.numSigmaClip``."""
        return float(self.overscan.numSigmaClip)

    @overscanNumSigmaClip.setter
    def overscanNumSigmaClip(self, value: float) -> None:
        self.overscan.numSigmaClip = value
