"""Calibrations that people keep as text, one file for each detector and date.

They lie as in the data packages of the LSST stack: ``TYPE/DETECTOR/DATE.ecsv``,
or ``DATE.txt`` with four numbers a line for defects, perhaps below a folder
that has the name of the camera. Each is written in the storage class of its
type to a temporary place and ingested from there, as any other calibration.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from butler.calibrations.ingestion import ingest_found
from butler.errors import ButlerError, IngestError, PolicyError
from butler.formatter import find_formatter
from butler.ingest.files import FoundFiles, SourceFile
from butler.ingest.ingestion import Options
from butler.ingest.report import FileReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import PathLike

    from astropy.table import Table

    from butler.data_id import KeyValue
    from butler.ingest.report import IngestReport
    from butler.policies.dataset_type import DatasetType
    from butler.repository.native import NativeRepository

__all__ = ["ingest_curated_calibs"]

_TABLE: Final = ".ecsv"
_TEXTS: Final = (".txt", ".dat")
_BOX: Final = ("x0", "y0", "width", "height")
_DATE = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[tT](\d\d):?(\d\d):?(\d\d))?",
)


def ingest_curated_calibs(
    repository: NativeRepository,
    directory: str | PathLike[str],
    *,
    dry_run: bool = False,
    on_file: Callable[[FileReport], None] | None = None,
) -> IngestReport:
    """Ingest calibrations that are kept as text, each valid from its date until the next one.

    Parameters
    ----------
    repository
        Where to; on a local disk and writable.
    directory
        Holds ``TYPE/DETECTOR/DATE.ecsv``, or a folder of the camera's name
        that does. A detector is named by its number or its name in the camera.
    dry_run
        Only report what would be done.
    on_file
        Told what became of each file, as soon as it is known.

    Returns
    -------
    IngestReport
        One report for each file. Nothing about a single file is raised.

    Raises
    ------
    IngestError
        If there is no such directory, or nothing of this kind in it.
    ReadOnlyError, RepositoryError, RegistryError, StorageError
        As for `butler.calibrations.ingestion.ingest_calibs`.

    Notes
    -----
    The same text gives the same file, so that ingesting again does nothing.
    """
    root = _top(os.fspath(directory), repository.policy.name)
    found = FoundFiles()
    with TemporaryDirectory(prefix="skybutler-curated-") as staging:
        for number, path in enumerate(sorted(_files(root))):
            found.order[path] = number
            try:
                staged = _stage(repository, root, path, os.path.join(staging, f"{number}.fits"))
            except (ButlerError, OSError, ValueError) as error:
                found.reports.append(FileReport(path, "rejected", _reason(error)))
            else:
                found.sources.append(SourceFile(path, staged))
        if not found.order:
            message = (
                f"There are no calibrations below {root}: they are looked for as "
                f"TYPE/DETECTOR/DATE{_TABLE} (or {', '.join(_TEXTS)} for defects)."
            )
            raise IngestError(message)
        named = partial(_named, {one.absolute: one.path for one in found.sources}, staging)
        told = None if on_file is None else lambda report: on_file(named(report))
        report = ingest_found(repository, found, Options("copy", dry_run=dry_run, on_file=told))
        return replace(report, files=tuple(map(named, report.files)))


def _named(places: Mapping[str, str], staging: str, report: FileReport) -> FileReport:
    """Return a report that speaks of the text where it speaks of what was made of it."""
    reason = report.reason
    if staging in reason:
        for staged, path in places.items():
            reason = reason.replace(staged, path)
    return replace(report, reason=reason)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ButlerError) else f"it cannot be read: {error}"


def _top(directory: str, camera: str) -> str:
    if not os.path.isdir(directory):
        message = f"There is no directory {directory}."
        raise IngestError(message)
    below = os.path.join(directory, camera)
    return below if os.path.isdir(below) else directory


def _files(root: str) -> Iterator[str]:
    """Yield what may be a calibration; hidden files and links to directories are left out."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if folder == root:
            continue  # a README beside the types
        for name in names:
            if name.endswith((_TABLE, *_TEXTS)) and not name.startswith("."):
                yield os.path.join(folder, name)


def _stage(repository: NativeRepository, root: str, path: str, target: str) -> str:
    """Write one calibration in the storage class of its type, with its data ID in the header."""
    type_name, *detector, name = os.path.relpath(path, root).split(os.sep)
    kind = repository.policy.dataset_types.get(type_name)
    if kind is None or not kind.is_dated:
        known = [one.name for one in repository.policy.dataset_types.values() if one.is_dated]
        message = (
            f"{type_name!r} is no type of calibration that is chosen by date; "
            f"{repository.policy.name!r} has {', '.join(known)}."
        )
        raise IngestError(message)
    formatter = find_formatter(kind.storage_class)
    if ".fits" not in formatter.extensions:
        message = (
            f"{kind.name!r} is stored as {kind.storage_class}, and no table becomes that. "
            f"Put it with butler put, and give it a range with butler certify."
        )
        raise IngestError(message)
    table = _read(path, kind)
    keys = _keys(repository, kind, table.meta, detector, os.path.splitext(name)[0])
    rules = repository.policy.calibration_header
    table.meta = {
        **{key: value for key, value in table.meta.items() if _is_plain(value)},
        rules.type_card: kind.name,
        rules.identity_card: " ".join(f"{key}={value}" for key, value in keys.items()),
    }
    formatter.write(table, target)
    return target


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _read(path: str, kind: DatasetType) -> Table:
    from astropy.table import Table

    if path.endswith(_TABLE):
        return Table.read(path, format="ascii.ecsv")
    if kind.name != "defects":
        message = f"Only defects are read from {', '.join(_TEXTS)}; others are {_TABLE}."
        raise IngestError(message)
    with open(path, encoding="utf-8") as file:
        boxes = list(_boxes(file))
    columns = {name: [box[n] for box in boxes] for n, name in enumerate(_BOX)}
    return Table(columns, dtype=[int] * len(_BOX))


def _boxes(lines: Iterable[str]) -> Iterator[tuple[int, ...]]:
    """Yield x0, y0, width and height of each line; what follows a # is a remark."""
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].replace(",", " ").split()
        if not words or tuple(words) == _BOX:
            continue
        try:
            box = tuple(map(int, words))
        except ValueError:
            box = ()
        if len(box) != len(_BOX) or min(box[2:]) < 1:
            message = f"Line {number} is no defect: it should be {' '.join(_BOX)}, not {line!r}."
            raise IngestError(message)
        yield box


def _keys(
    repository: NativeRepository,
    kind: DatasetType,
    meta: Mapping[str, object],
    detector: list[str],
    stem: str,
) -> dict[str, KeyValue]:
    """Return the data ID: of the name, of the folder, and what else the table says."""
    assert kind.calibration is not None  # noqa: S101 - it is chosen by date
    types, rules = repository.policy.keys, repository.policy.calibration_header
    date_key = kind.calibration.date_key
    keys: dict[str, KeyValue] = {date_key: _date(stem)}
    said = meta.get(rules.columns[date_key].card or "") if date_key in rules.columns else None
    if isinstance(said, str) and _date(said) != keys[date_key]:
        message = f"Its name says {keys[date_key]}, and its table {said}: which is right?"
        raise IngestError(message)
    open_keys = [key for key in kind.keys if key != date_key]
    for key in open_keys:
        value = meta.get(key)
        if isinstance(value, str | int | float):
            keys[key] = types.cast(key, value)
    missing = [key for key in open_keys if key not in keys]
    if len(missing) == 1 and len(detector) == 1:
        keys[missing[0]] = _detector(repository, missing[0], detector[0])
    elif missing:
        message = f"Neither its table nor its folder says {', '.join(missing)}."
        raise IngestError(message)
    return keys


def _date(text: str) -> str:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        message = f"{text!r} is no date: it should be like 2013-01-31 or 20130131T000000."
        raise IngestError(message)
    return datetime(*(int(part or 0) for part in match.groups())).isoformat()  # type: ignore[arg-type]  # noqa: DTZ001


def _detector(repository: NativeRepository, key: str, folder: str) -> KeyValue:
    """Return the number of a detector that a folder names, by its number or its name."""
    types = repository.policy.keys
    if types[key] != "int":
        return types.cast(key, folder)
    number = types.cast(key, folder) if re.fullmatch(r"\d+", folder) else None
    camera: object = None
    with suppress(PolicyError):
        camera = repository.mapper.camera()
    if number is not None and not isinstance(camera, Iterable):
        return number
    for one in camera if isinstance(camera, Iterable) else ():
        if number == one.id or str(getattr(one, "name", "")).casefold() == folder.casefold():
            return types.cast(key, one.id)
    message = f"{folder!r} is no detector of {repository.policy.name!r}, neither number nor name."
    raise IngestError(message)
