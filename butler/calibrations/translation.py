"""What the header of a calibration tells: its type and its data ID."""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from butler.errors import DataIdError, IngestError, UnknownDatasetTypeError
from butler.ingest.candidate import Translated, choose_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import KeyValue
    from butler.ingest.gate import ScannedFile
    from butler.mapper import Header, Mapper
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy

__all__ = ["CalibrationTranslation"]

# Asked in this order, as Gen2 did: a "sky flat" is a flat.
_TYPES: Final = {
    "flat": "flat",
    "zero": "bias",
    "bias": "bias",
    "dark": "dark",
    "fringe": "fringe",
    "sky": "sky",
    "illumcor": "illumcor",
    "defects": "defects",
    "qe_curve": "qe_curve",
    "linearizer": "linearizer",
    "crosstalk": "crosstalk",
    "bfk": "bfk",
    "photodiode": "photodiode",
}
_PAIR = re.compile(r"(\w+)=(\S*)")
_NOTHING: Final = {"", "none", "None", "NONE"}


@dataclass(frozen=True, slots=True)
class CalibrationTranslation:
    """Translates headers of calibrations by a camera's policy.

    Parameters
    ----------
    policy
        The camera's, with the dataset types of the repository.
    dataset_type
        What all files are, whatever their headers say; None to ask those.
    """

    policy: Policy
    dataset_type: str | None = None

    def __call__(self, mapper: Mapper, scanned: ScannedFile) -> Translated:
        """Return type and keys of a file.

        Parameters
        ----------
        mapper
            The camera.
        scanned
            From the gate.

        Raises
        ------
        IngestError
            If it is of another camera, of no known type, or a key of its
            template is missing or wrong.
        """
        headers = [hdu.header for hdu in scanned.hdus[1:]]
        header: Header = ChainMap(choose_header(scanned), *headers)  # type: ignore[arg-type]  # only read
        _refuse_other_cameras(mapper, header)
        kind = self._kind(header)
        return Translated(_keys(mapper, header, kind), kind.name)

    def _kind(self, header: Header) -> DatasetType:
        types = self.policy.dataset_types
        if self.dataset_type is not None:
            return types[self.dataset_type]
        card = self.policy.calibration_header.type_card
        said = str(header.get(card) or "").strip()
        name = next((name for word, name in _TYPES.items() if word in said.lower()), None)
        if name is None:
            what = f"says {said!r}" if said else "is missing"
            message = (
                f"The header does not tell what calibration it is: {card} {what}. Name it with "
                f"--type. Known are: {', '.join(dict.fromkeys(_TYPES.values()))}."
            )
            raise IngestError(message)
        if name not in types or types[name].category != "calibration":
            known = [one.name for one in types.values() if one.category == "calibration"]
            error = UnknownDatasetTypeError(
                name, known, f"the calibrations of {self.policy.name!r}"
            )
            message = f"{card} says {said!r}. {error} Name it with --type."
            raise IngestError(message)
        return types[name]


def _refuse_other_cameras(mapper: Mapper, header: Header) -> None:
    """Refuse a header that names a camera, and not this one; many name none."""
    wrong = []
    for card, pattern in mapper.policy.header.recognised_by.items():
        value = header.get(card)
        if not isinstance(value, str) or not value.strip():
            continue
        named = value.strip().casefold()
        if fnmatchcase(named, pattern.casefold()) or named == mapper.name.casefold():
            return
        wrong.append(f"{card} says {value!r}")
    if wrong:
        message = f"This is no calibration of {mapper.name}: {', '.join(wrong)}."
        raise IngestError(message)


def _keys(mapper: Mapper, header: Header, kind: DatasetType) -> Mapping[str, KeyValue]:
    """Return every key of the template."""
    rules = mapper.policy.calibration_header
    identity = dict(_PAIR.findall(str(header.get(rules.identity_card) or "")))
    values: dict[str, KeyValue] = {}
    for key in kind.keys:
        rule = rules.columns.get(key)
        where = [f"{rules.identity_card} ({key}=...)"] + ([] if rule is None else [rule.origin])
        try:
            if key in identity and not (rule is not None and identity[key] in _NOTHING):
                value: KeyValue | None = mapper.policy.keys.cast(key, identity[key])
            else:
                value = None if rule is None else mapper.read_column(header, key, rule)
        except DataIdError as error:
            message = f"The header's {key!r} cannot be used ({', or '.join(where)}): {error}"
            raise IngestError(message) from error
        if value is None:
            message = (
                f"The header does not tell {key!r}, which {kind.name!r} needs: it is looked for "
                f"in {', or '.join(where)}."
            )
            raise IngestError(message)
        values[key] = value
    return values
