"""Exports of Gen3 (``exports.yaml`` and its files), as far as they have a type here.

Gen3 names datasets by dimensions; each becomes the key that means the same.
A validity range, or the name of the run, gives the date of a calibration.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from butler.data_id import DataId
from butler.errors import ButlerError, DataIdError, RepositoryError, StorageError
from butler.moving.offer import Offer, OfferedRange
from butler.repository.chain import Chain
from butler.tagged_yaml import load_tagged_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from butler.data_id import KeyValue
    from butler.moving.report import DatasetReport
    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository

__all__ = ["Gen3Source", "find_gen3_export"]

_NAMES: Final = ("exports.yaml", "export.yaml")
_HEAD: Final = b"Butler Data Repository Export"
_HEAD_BYTES: Final = 4096
_LARGEST: Final = 256 << 20
_MOST_VALUES: Final = 20_000_000
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "detector": ("ccd", "detector"),
    "exposure": ("visit",),
    "visit": ("visit",),
    "physical_filter": ("filter",),
    "tract": ("tract",),
    "htm7": ("pixel_id",),
}
_SILENT: Final = {"instrument", "band", "skymap", "day_obs", "group", "visit_system"}
_SORTED_BLOCKS: Final = {"dataset", "run", "collection"}  # read later, or of no meaning here
_STORED_AS: Final[Mapping[str, str]] = {
    "ExposureF": "Exposure",
    "ExposureI": "Exposure",
    "ExposureD": "Exposure",
    "Exposure": "Exposure",
    "SimpleCatalog": "Catalog",
    "SourceCatalog": "Catalog",
    "NumpyArray": "ArrayPickle",
    "Defects": "Defects",
    "DataFrame": "Parquet",
    "ArrowAstropy": "Parquet",
    "ArrowTable": "Parquet",
    "TransmissionCurve": "TransmissionCurve",
    "Wcs": "Wcs",
    "PhotoCalib": "PhotoCalib",
    "Background": "Background",
}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def find_gen3_export(place: str | PathLike[str]) -> str | None:
    """Return the path of the export file that a place means, None if it means none.

    Parameters
    ----------
    place
        The file, or the directory that holds it as ``exports.yaml``.
    """
    path = os.path.abspath(place)
    candidates = [path] if os.path.isfile(path) else [os.path.join(path, one) for one in _NAMES]
    for one in candidates:
        try:
            with open(one, "rb") as file:
                if _HEAD in file.read(_HEAD_BYTES):
                    return one
        except OSError:
            continue
    return None


class Gen3Source:
    """The datasets of a Gen3 export.

    Parameters
    ----------
    path
        From `find_gen3_export`. Files are looked for beside it.
    repository
        Where the datasets are to come to: it says what they are.
    dataset_types
        Names, here or in the export, of those that are wanted; none for all.

    Raises
    ------
    RepositoryError
        If it cannot be understood, or is of another camera.
    StorageError
        If it cannot be read.
    """

    def __init__(
        self, path: str, repository: NativeRepository, dataset_types: Sequence[str] = ()
    ) -> None:
        self._path, self._folder = path, os.path.dirname(path)
        self.chain: Chain = Chain([repository])
        self._policy = repository.policy
        self.rejected: tuple[DatasetReport, ...] = ()
        self._reasons: Counter[str] = Counter()
        self._declared: dict[str, Mapping[str, object]] = {}
        self._filters: dict[KeyValue, KeyValue] = {}  # of exposures and visits
        self._ranges: defaultdict[str, list[tuple[str | None, str | None]]] = defaultdict(list)
        self._records: defaultdict[str, list[tuple[str, str, Mapping[str, object]]]]
        self._records = defaultdict(list)
        self.camera = self._read(repository.mapper.name, frozenset(dataset_types))

    @property
    def left_out(self) -> Sequence[str]:
        """What is not offered and why."""
        return [
            f"Left out {number} of {self._path}: {reason}."
            for reason, number in sorted(self._reasons.items())
        ]

    def declarations(self) -> Mapping[str, object]:
        """Return nothing: Gen3's types have no templates."""
        return {}

    def dataset_types(self) -> Sequence[str]:
        """Return our names of the types that are offered."""
        return sorted(self._records)

    def same_type(self, mine: DatasetType) -> str:
        """Return nothing: each dataset is judged by itself."""
        del mine
        return ""

    def _read(self, camera: str, wanted: frozenset[str]) -> str:
        """Sort what the file says, and return the camera that it is of."""
        blocks = _blocks(self._path)
        instruments = set()
        for block in blocks:
            if block.get("type") == "dataset_type":
                self._declared[str(block.get("name"))] = block
            elif block.get("type") == "dimension":
                instruments |= self._dimension(block)
            elif block.get("type") == "associations":
                self._associate(block)
            elif str(block.get("type")) not in _SORTED_BLOCKS:
                self._reasons[f"nothing is known of blocks of type {block.get('type')!r}"] += 1
        for block in blocks:
            if block.get("type") == "dataset":
                self._sort(block, wanted)
        names = {name.lower() for name in instruments}
        return camera if not names or camera in names else min(names)

    def _dimension(self, block: Mapping[str, object]) -> set[str]:
        records = _mappings(block, "records", self._path)
        if block.get("element") == "instrument":
            return {str(one.get("name")) for one in records}
        if str(block.get("element")) in {"exposure", "visit"}:
            for one in records:
                number, band = one.get("id"), one.get("physical_filter")
                if isinstance(number, int) and isinstance(band, str):
                    self._filters[number] = band
        return set()

    def _associate(self, block: Mapping[str, object]) -> None:
        for one in _mappings(block, "validity_ranges", self._path):
            ends = tuple(_time(one.get(name)) for name in ("begin", "end"))
            for number in _sequence(one.get("dataset_ids")):
                self._ranges[str(number)].append((ends[0], ends[1]))

    def _sort(self, block: Mapping[str, object], wanted: frozenset[str]) -> None:
        name, run = str(block.get("dataset_type")), str(block.get("run"))
        kind = self._kind(name)
        if wanted and not wanted & {name, "" if kind is None else kind.name}:
            return
        for record in _mappings(block, "records", self._path):
            problem = f"there is no dataset type {name!r} here" if kind is None else ""
            problem = problem or self._why_not(name, kind)
            if problem or kind is None:
                self._reasons[problem] += 1
            else:
                self._records[kind.name].append((name, run, record))

    def _kind(self, name: str) -> DatasetType | None:
        found = self._policy.dataset_types.get(name)
        dimensions = _sequence(self._declared.get(name, {}).get("dimensions"))
        if found is None and list(dimensions) == ["htm7"]:
            found = self._policy.dataset_types.get("ref_cat")
        return found

    def _why_not(self, name: str, kind: DatasetType | None) -> str:
        if kind is None or kind.template is None:
            return f"{name!r} is computed here and has no file"
        stored = str(self._declared.get(name, {}).get("storage_class"))
        if _STORED_AS.get(stored, stored) != kind.storage_class:
            return f"{name!r} is stored as {stored}, and as {kind.storage_class} here"
        return ""

    def offers(self, kind: DatasetType) -> Iterator[Offer]:
        """Yield the datasets of one type."""
        for name, run, record in self._records[kind.name]:
            place = os.path.join(self._folder, str(record.get("path")))
            ranges: list[tuple[str | None, str | None]] = []
            for number in _sequence(record.get("dataset_id")):
                ranges += self._ranges.get(str(number), [])
            ranges = ranges if kind.calibration is not None else []
            for given in _sequence(record.get("data_id")):
                try:
                    data_id = self._data_id(kind, name, run, given, ranges)
                except ButlerError as error:
                    yield Offer(place, place, DataId(), problem=str(error).strip())
                else:
                    yield Offer(
                        place,
                        os.path.realpath(place),
                        data_id,
                        None if kind.template is None else kind.template.hdu,
                        ranges=tuple(OfferedRange(*one) for one in ranges),
                    )

    def _data_id(
        self,
        kind: DatasetType,
        name: str,
        run: str,
        given: object,
        ranges: Sequence[tuple[str | None, str | None]],
    ) -> DataId:
        """Return the data ID that Gen3's means, with every key of the template."""
        dimensions = given if isinstance(given, dict) else {}
        values: dict[str, object] = {"name": name} if "name" in kind.key_set else {}
        for dimension, value in dimensions.items():
            keys = _KEYS.get(str(dimension))
            if keys is None and dimension not in _SILENT:
                raise DataIdError(f"{dimension}={value} has no key here")
            values |= {key: value for key in keys or () if key in self._policy.keys}
        visit = values.get("visit")
        if "filter" in kind.key_set and "filter" not in values and visit in self._filters:
            values["filter"] = self._filters[visit]
        rule = kind.calibration
        if rule is not None and rule.date_key in kind.key_set:
            values[rule.date_key] = _date_of(run, ranges)
        keys = kind.keys if kind.template is None else kind.template.keys
        typed = DataId(values).cast(self._policy.keys).subset(keys)
        if kind.key_set <= typed.keys():
            return typed
        return self.chain.complete(self.chain.lookup(kind.name), typed)


def _date_of(run: str, ranges: Sequence[tuple[str | None, str | None]]) -> str:
    """Return the date of a calibration: its run's, or that from which it is valid."""
    dates = _DATE.findall(run)
    if dates:
        return str(dates[-1])
    begins = [begin for begin, _ in ranges if begin is not None]
    if not begins:
        raise DataIdError(f"neither its run {run!r} nor a validity range gives it a date")
    return min(begins)[:10]


def _blocks(path: str) -> Sequence[Mapping[str, object]]:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST:
        raise RepositoryError(f"{path} is larger than {_LARGEST >> 20} MiB: import it in parts.")
    data = load_tagged_yaml(content, path, most_values=_MOST_VALUES)
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise RepositoryError(f"{path} is no export of Gen3: it has no list of data.")
    return _mappings(data, "data", path)


def _mappings(block: Mapping[str, object], name: str, path: str) -> Sequence[Mapping[str, object]]:
    """Return a list of mappings in an export; refuse anything else, which would be lost."""
    found = block.get(name)
    if found is None:
        return ()
    if isinstance(found, list):
        mappings = [one for one in found if isinstance(one, dict)]
        if len(mappings) == len(found):
            return mappings
    words = (block.get("type"), block.get("element"), block.get("dataset_type"))
    where = " ".join(str(word) for word in words if word is not None) or "the file"
    raise RepositoryError(
        f"{path} is no whole export of Gen3: {name!r} of {where} is no list of mappings. Nothing "
        f"was imported: export it once more."
    )


def _sequence(value: object) -> Sequence[object]:
    """Return a list as it is, nothing for None, and one value as a list of it."""
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _time(text: object) -> str | None:
    return None if text is None else str(text).strip().replace(" ", "T")
