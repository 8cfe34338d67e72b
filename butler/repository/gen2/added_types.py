"""Dataset types that a Gen2 repository declares for itself, in our terms."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from butler.data_id import KeyTypes
from butler.errors import TemplateError
from butler.policies.dataset_type import CalibrationRule, DatasetType
from butler.policies.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.policies.policy import Policy

__all__ = ["with_added_types"]

logger = logging.getLogger(__name__)

_STORAGE_CLASSES: Final = {
    "ConfigStorage": "Config",
    "FitsCatalogStorage": "Catalog",
    "FitsStorage": "Exposure",
    "MatplotlibStorage": "Plot",
    "ParquetStorage": "Parquet",
    "PickleStorage": "ArrayPickle",
    "TextStorage": "Text",
    "YamlStorage": "Yaml",
}


def with_added_types(
    policy: Policy, declared: Mapping[str, Mapping[str, object]], source: str
) -> Policy:
    """Return a policy with the dataset types of a ``repositoryCfg.yaml``.

    Parameters
    ----------
    policy
        The camera's policy.
    declared
        By name: Gen2's declaration and its ``category``. A name that the
        camera has too is changed where the declaration says something.
    source
        Name of the file, for log messages.

    Notes
    -----
    What cannot be translated is left out, with a warning: the rest of the
    repository can still be read.
    """
    types = dict(policy.dataset_types)
    keys = dict(policy.keys)
    for name, entry in declared.items():
        try:
            types[name] = _translated(policy, types.get(name), name, entry)
        except TemplateError as error:
            logger.warning("%s: the dataset type %s is left out: %s", source, name, error)
            continue
        template = types[name].template
        for key, kind in template.types.items() if template is not None else ():
            keys.setdefault(key, kind)
    return replace(policy, dataset_types=types, keys=KeyTypes(keys, policy.keys.context))


def _translated(
    policy: Policy, known: DatasetType | None, name: str, entry: Mapping[str, object]
) -> DatasetType:
    text = entry.get("template")
    if not isinstance(text, str) or not text:
        if known is not None:
            return known
        raise TemplateError("it has no template.")
    template = Template(text, policy.keys)
    clashing = [key for key, kind in template.types.items() if policy.keys.get(key, kind) != kind]
    if clashing:
        raise TemplateError(f"its template gives another type to {', '.join(clashing)}.")
    if known is not None:
        return replace(known, template=template)
    python = entry.get("python")
    gen2_python = python if isinstance(python, str) else None
    is_calibration = entry.get("category") == "calibrations"
    return DatasetType(
        name=name,
        template=template,
        storage_class=_storage_class(policy, gen2_python, str(entry.get("storage", ""))),
        description=str(entry.get("description") or ""),
        level=str(entry.get("level") or "").lower(),
        category="calibration" if is_calibration else "dataset",
        calibration=_calibration_rule(policy, entry) if is_calibration else None,
        embedded="CALIB" if is_calibration else None,
        gen2_python=gen2_python,
    )


def _storage_class(policy: Policy, gen2_python: str | None, storage: str) -> str:
    """Return the storage class that the camera's own types have for such an object."""
    for one in policy.dataset_types.values():
        if gen2_python is not None and one.gen2_python == gen2_python and one.storage_class:
            return one.storage_class
    return _STORAGE_CLASSES.get(storage, storage or "Text")


def _calibration_rule(policy: Policy, entry: Mapping[str, object]) -> CalibrationRule:
    tables = _texts(entry.get("tables"))
    columns = _texts(entry.get("columns")) or _texts(entry.get("refCols"))
    date = str(entry.get("obsTimeName") or "taiObs")
    return CalibrationRule(
        table=tables[0] if tables else None,
        match=tuple(name for name in columns if name in policy.keys and name != date),
        observation_columns=(date,),
        begin=str(entry.get("validStartName") or "validStart"),
        end=str(entry.get("validEndName") or "validEnd"),
    )


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else ()
