"""Every row of a registry, for those who check that it tells the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BigInteger, LargeBinary, bindparam, delete, func, select, update

from butler.registry.dataset_rows import DatasetRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.sql.elements import ClauseElement

    from butler.registry.database import SqlValue

__all__ = ["DatasetRecord", "InspectionRows"]

_COLUMNS = ("id", "type_id", "data_id", "path", "hdu", "size", "mtime_ns", "sha256")


class DatasetRecord(NamedTuple):
    """What a registry says of the file of one dataset, whatever its type."""

    id: int
    type_id: int
    canonical: str
    path: str
    hdu: int | None
    size: int | None
    mtime_ns: int | None
    sha256: bytes | None


class InspectionRows(DatasetRows):
    """The part of a registry that is read from end to end, and put right."""

    def count_datasets(self) -> int:
        """Return how many datasets there are."""
        table = self.tables.dataset
        row = self.database.fetch_one(
            self.sql("count all", lambda: select(func.count()).select_from(table))
        )
        return int(str(row[0])) if row else 0

    def iter_records(self, at_once: int = 5000) -> Iterator[list[DatasetRecord]]:
        """Yield all datasets in batches, in the order of their numbers.

        Parameters
        ----------
        at_once
            How many are read by one statement. None stays open between two.
        """
        table = self.tables.dataset
        most = bindparam("most", type_=BigInteger)

        def build() -> ClauseElement:
            columns = select(*(table.c[name] for name in _COLUMNS))
            return columns.where(table.c.id > bindparam("after")).order_by(table.c.id).limit(most)

        sql = self.sql("every record", build)
        last: SqlValue = -1
        while rows := self.database.fetch_all(sql, {"after": last, "most": at_once}):
            yield [DatasetRecord._make(row) for row in rows]
            last = rows[-1][0]

    def records(self, ids: Sequence[int]) -> dict[int, DatasetRecord]:
        """Return datasets by their numbers; those that are gone are left out."""
        table = self.tables.dataset

        def build() -> ClauseElement:
            return select(*(table.c[name] for name in _COLUMNS)).where(self.in_ids(table.c.id))

        rows = self.database.fetch_all(
            self.sql("records", build), {"ids": self.database.ids_parameter(ids)}
        )
        return {record.id: record for record in map(DatasetRecord._make, rows)}

    def record_contents(self, records: Sequence[DatasetRecord]) -> None:
        """Write down sizes, times and digests that were found.

        Parameters
        ----------
        records
            With what was found. One whose dataset has another path by now is
            left out.
        """
        table = self.tables.dataset

        def build() -> ClauseElement:
            same = (table.c.id == bindparam("old"), table.c.path == bindparam("place"))
            change = update(table).where(*same)
            return change.values(
                size=bindparam("v_size", type_=BigInteger),
                mtime_ns=bindparam("v_mtime_ns", type_=BigInteger),
                sha256=bindparam("v_sha256", type_=LargeBinary),
            )

        sql = self.sql("record contents", build)
        rows = [
            {
                "old": one.id,
                "place": one.path,
                "v_size": one.size,
                "v_mtime_ns": one.mtime_ns,
                "v_sha256": one.sha256,
            }
            for one in records
        ]
        with self.write() as cursor:
            cursor.execute_many(sql, rows)

    def forget_records(
        self, ids: Sequence[int], is_lost: Callable[[DatasetRecord], bool]
    ) -> list[DatasetRecord]:
        """Forget datasets, their files left as they are.

        Parameters
        ----------
        ids
            Their numbers.
        is_lost
            Called with what the registry says of each, while nobody else can
            write to it; those for which it is false stay.

        Returns
        -------
        list of DatasetRecord
            Those that were forgotten.
        """
        table = self.tables.dataset
        sql = self.sql("delete", lambda: delete(table).where(self.in_ids(table.c.id)))
        with self.write() as cursor:
            lost = [record for record in self.records(ids).values() if is_lost(record)]
            if lost:
                numbers = [record.id for record in lost]
                cursor.execute(sql, {"ids": self.database.ids_parameter(numbers)})
        return lost

    def forget_info(self, name: str) -> None:
        """Forget what was recorded about the registry under a name."""
        info = self.tables.registry_info
        sql = self.sql("forget info", lambda: delete(info).where(info.c.name == bindparam("n")))
        with self.write() as cursor:
            cursor.execute(sql, {"n": name})
        self.refresh()
