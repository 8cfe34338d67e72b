"""A dataset that is offered to a repository, whoever has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from butler.data_id import DataId, KeyValue
    from butler.moving.report import DatasetReport
    from butler.policies.dataset_type import DatasetType
    from butler.registry.rows import Provenance
    from butler.repository.base import Found
    from butler.repository.chain import Chain

__all__ = ["Offer", "OfferedRange", "Source"]


class OfferedRange(NamedTuple):
    """A half-open range of time in which a calibration is valid, None for an open side.

    ``days`` is how long it may serve, if the range followed from that; None if
    it was given by hand, or nobody knows.
    """

    begin: str | None
    end: str | None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One dataset and all that is known of it.

    Parameters
    ----------
    label
        What the user calls it: its file, or the line of a table.
    path
        Absolute path of its file.
    data_id
        Every key of the template, typed.
    hdu
        The HDU that holds it, where one file serves several datasets.
    size, mtime_ns, sha256
        What was recorded of the file, None where nothing was.
    observed
        Its observation, as far as the source says; None to ask the source's
        registries.
    provenance
        How it was made, if known.
    ranges
        The times in which a calibration is valid.
    tags
        Names that its owner gave it.
    origin
        The repository and its row, None where the file alone is known.
    problem
        Why it cannot be taken, empty if it can.
    """

    label: str
    path: str
    data_id: DataId
    hdu: int | None = None
    size: int | None = None
    mtime_ns: int | None = None
    sha256: bytes | None = None
    observed: Mapping[str, KeyValue | None] | None = None
    provenance: Provenance | None = None
    ranges: tuple[OfferedRange, ...] = ()
    tags: tuple[str, ...] = ()
    origin: Found | None = None
    problem: str = ""


class Source(Protocol):
    """Whatever datasets can be taken from."""

    @property
    def camera(self) -> str:
        """Short name of the camera."""

    @property
    def chain(self) -> Chain | None:
        """Where observations are looked up, None if nowhere."""

    @property
    def left_out(self) -> Sequence[str]:
        """What is not offered and why, a sentence each; complete when all offers were made."""

    @property
    def rejected(self) -> Sequence[DatasetReport]:
        """What cannot even be offered."""

    def declarations(self) -> Mapping[str, object]:
        """Return the dataset types that the source itself declares, as in a policy."""

    def dataset_types(self) -> Sequence[str]:
        """Return the names of the dataset types that are offered."""

    def same_type(self, mine: DatasetType) -> str:
        """Return why its datasets of a type are none of ours, empty if they are.

        Parameters
        ----------
        mine
            The type of that name here.
        """

    def offers(self, kind: DatasetType) -> Iterator[Offer]:
        """Yield the datasets of one type.

        Parameters
        ----------
        kind
            The type, as the taker has it.
        """
