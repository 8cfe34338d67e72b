"""Files that somebody else made, on offer by a table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from butler.data_id import DataId, KeyTypes
from butler.errors import ButlerError, DataIdError, UnknownDatasetTypeError, suggest
from butler.moving.contents_table import COLUMNS, TableRow, read_contents
from butler.moving.offer import Offer
from butler.moving.report import DatasetReport
from butler.repository.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository

__all__ = ["TableSource"]

_DIGEST_BYTES = 32


class TableSource:
    """The files that a table names.

    Parameters
    ----------
    path
        ECSV or CSV, with a column ``path`` (relative to the table's folder, or
        absolute), the keys of the data IDs in columns, and ``dataset_type``
        unless ``dataset_type`` says it; also ``size``, ``sha256`` and ``hdu``,
        and observation columns.
    repository
        Where the files are to come to: it says what the columns mean.
    dataset_type
        What all of them are, None if the table says so.

    Raises
    ------
    UnknownDatasetTypeError
        If the type that was named is not known.
    FormatterError, StorageError
        If the table cannot be read.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        repository: NativeRepository,
        dataset_type: str | None = None,
    ) -> None:
        self._path = os.path.abspath(path)
        self._named = dataset_type
        self.chain: Chain = Chain([repository])
        self._policy = repository.policy
        self.camera = repository.mapper.name
        self._types = KeyTypes(
            {**COLUMNS, **self._policy.observation.columns, **self._policy.keys},
            f"the camera {self.camera!r}",
        )
        self.left_out: list[str] = []
        self.rejected: list[DatasetReport] = []
        self._rows: dict[str, list[TableRow]] = {}
        if dataset_type is not None:
            self._require_type(dataset_type)
        self._read()

    def _require_type(self, name: str) -> DatasetType:
        kind = self._policy.dataset_types.get(name)
        if kind is None:
            known = self._policy.dataset_types
            raise UnknownDatasetTypeError(name, known, f"the camera {self.camera!r}")
        if kind.template is None or kind.composite is not None:
            raise DataIdError(f"{name!r} is no dataset type with files of its own.")
        return kind

    def _read(self) -> None:
        unknown: dict[str, None] = {}
        for row in read_contents(self._path):
            unknown.update(dict.fromkeys(name for name in row.values if name not in self._types))
            name = self._named or row.values.get("dataset_type", "")
            try:
                if row.problem:
                    raise DataIdError(row.problem)
                if not name:
                    raise DataIdError("it has no dataset_type, and none was named")
                self._require_type(name)
            except ButlerError as error:
                label = self._label(row)
                self.rejected.append(DatasetReport(name, DataId(), label, "rejected", str(error)))
            else:
                self._rows.setdefault(name, []).append(row)
        for name in unknown:
            self.left_out.append(
                f"The column {name!r} of {self._path} means nothing here."
                f"{suggest(name, self._types)}"
            )

    def _label(self, row: TableRow) -> str:
        return f"{self._path}, line {row.line}"

    def declarations(self) -> Mapping[str, object]:
        """Return nothing: a table declares no types."""
        return {}

    def dataset_types(self) -> Sequence[str]:
        """Return the names of the types that the table has files of, raw files first."""
        kinds = [self._policy.dataset_types[name] for name in sorted(self._rows)]
        return [kind.name for kind in sorted(kinds, key=lambda kind: kind.category != "raw")]

    def same_type(self, mine: DatasetType) -> str:
        """Return nothing: the types are those of the repository."""
        del mine
        return ""

    def offers(self, kind: DatasetType) -> Iterator[Offer]:
        """Yield the files of one type, the bad rows too, with what is wrong with them."""
        for row in self._rows.get(kind.name, ()):
            try:
                yield self._offer(kind, row)
            except ButlerError as error:
                yield Offer(self._label(row), "", DataId(), problem=str(error).strip())

    def _offer(self, kind: DatasetType, row: TableRow) -> Offer:
        values = {
            name: self._types.cast(name, text)
            for name, text in row.values.items()
            if name in self._types
        }
        path = str(values.get("path", ""))
        if not path:
            raise DataIdError("it has no path")
        data_id = DataId({key: values[key] for key in self._policy.keys if key in values})
        whole = self._completed(kind, data_id.subset(kind.keys))
        size, hdu = values.get("size"), values.get("hdu")
        if hdu is None and kind.template is not None:
            hdu = kind.template.hdu
        return Offer(
            self._label(row),
            os.path.realpath(os.path.join(os.path.dirname(self._path), path)),
            whole,
            None if hdu is None else int(hdu),
            None if size is None else int(size),
            sha256=_digest(values.get("sha256")),
            observed=self._observed(kind, {**values, **whole}),
        )

    def _completed(self, kind: DatasetType, data_id: DataId) -> DataId:
        """Return a data ID with the keys that follow from those given; nothing is guessed."""
        table = self._policy.observation
        lacking = [
            key
            for key in kind.keys
            if key not in data_id and (key in table.unique or key not in table.columns)
        ]
        if lacking:
            raise DataIdError(f"its data ID {data_id} lacks {', '.join(lacking)}")
        return self.chain.complete(self.chain.lookup(kind.name), data_id)

    def _observed(
        self, kind: DatasetType, values: Mapping[str, KeyValue]
    ) -> Mapping[str, KeyValue | None] | None:
        if kind.category != "raw":
            return None
        return {name: values.get(name) for name in self._policy.observation.columns}


def _digest(text: KeyValue | None) -> bytes | None:
    if text is None:
        return None
    try:
        digest = bytes.fromhex(str(text))
    except ValueError:
        digest = b""
    if len(digest) != _DIGEST_BYTES:
        raise DataIdError(f"its sha256 is {text!r}, and no 64 hexadecimal digits")
    return digest
