"""What a doctor may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from butler.errors import ParameterError, suggest
from butler.storage.commit import GRACE_S
from butler.storage.writer_mark import LONGEST_WRITE_S

__all__ = ["REPAIRS", "Repair", "Treatment"]

Repair: TypeAlias = Literal["no", "safe", "adopt", "quarantine"]
REPAIRS: tuple[Repair, ...] = get_args(Repair)


@dataclass(frozen=True, slots=True)
class Treatment:
    """How far an examination goes.

    Parameters
    ----------
    deep
        Whether every file is read and its sha256 compared, or recorded where
        none is known yet.
    repair
        ``no``; ``safe`` takes away what dead processes left half done;
        ``adopt`` also registers whole files without rows; ``quarantine``
        moves these to ``.butler/orphans`` instead.
    dry_run
        Only say what would be repaired.
    probe
        Whether the file system is tried out.
    forget_missing
        Whether a repair gives up datasets whose files are lost; what is left
        of such a file is set aside.
    restore_from
        Repositories from which a repair may bring lost files back.
    grace_s
        The file of a replaced dataset stays so long in the trash, in seconds.
    longest_s
        A process of another host counts as gone so long after its last sign.

    Raises
    ------
    ParameterError
        If there is no such repair.
    """

    deep: bool = False
    repair: Repair = "no"
    dry_run: bool = False
    probe: bool = False
    forget_missing: bool = False
    restore_from: tuple[str, ...] = ()
    grace_s: float = GRACE_S
    longest_s: float = LONGEST_WRITE_S

    def __post_init__(self) -> None:
        if self.repair not in REPAIRS:
            raise ParameterError(
                f"There is no repair {self.repair!r}.{suggest(self.repair, REPAIRS)} The repairs "
                f"are: {', '.join(REPAIRS)}."
            )
        if self.repair == "no" and (self.forget_missing or self.restore_from):
            raise ParameterError(
                "Datasets are restored or forgotten by a repair alone: ask for it."
            )

    @property
    def is_repairing(self) -> bool:
        """Whether anything is to be repaired, or would be."""
        return self.repair != "no"
