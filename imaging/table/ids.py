"""Where the identifiers of new records come from."""

from __future__ import annotations

from imaging.errors import ParameterValueError
from imaging.table.gen2_names import IdFactoryNames

__all__ = ["IdFactory"]

_BITS = 63  # of a signed integer of 64, the sign left alone


class IdFactory(IdFactoryNames):
    """A source of identifiers, each one more than the last.

    Parameters
    ----------
    upper
        What the upper bits are, such as the number of the exposure.
    reserved
        Number of lower bits that count the records.

    Raises
    ------
    ParameterValueError
        If both do not fit in 63 bits.
    """

    __slots__ = ("_last", "reserved", "upper")

    upper: int
    """What the upper bits are."""
    reserved: int
    """Number of lower bits that count the records."""

    def __init__(self, upper: int = 0, reserved: int = _BITS) -> None:
        if not 0 < reserved <= _BITS or upper < 0 or upper >> (_BITS - reserved):
            message = (
                f"upper={upper} and {reserved} bits for records do not fit in {_BITS} bits. "
                "Reserve fewer."
            )
            raise ParameterValueError(message)
        self.upper, self.reserved = upper, reserved
        self._last = 0

    @classmethod
    def make_simple(cls) -> IdFactory:
        """Return a factory that counts from 1."""
        return cls()

    @classmethod
    def make_source(cls, exposure_id: int, reserved: int) -> IdFactory:
        """Return a factory that puts the identifier of an exposure into the upper bits.

        Parameters
        ----------
        exposure_id
            The identifier.
        reserved
            Number of lower bits that count the records.
        """
        return cls(exposure_id, reserved)

    def __call__(self) -> int:
        """Return the next identifier.

        Raises
        ------
        ParameterValueError
            If the lower bits are exhausted.
        """
        if self._last + 1 >> self.reserved:
            message = f"There are no more than {self._last} identifiers of {self.reserved} bits."
            raise ParameterValueError(message)
        self._last += 1
        return self.upper << self.reserved | self._last

    def notify(self, used: int) -> None:
        """Do not give an identifier that is in use, nor one below it.

        Parameters
        ----------
        used
            The identifier; one with other upper bits does not matter.
        """
        if used >> self.reserved == self.upper:
            self._last = max(self._last, used & (1 << self.reserved) - 1)
