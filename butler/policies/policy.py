"""A camera's policy: its keys, registry columns, header cards and dataset types."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from butler.data_id import KeyType, KeyTypes
from butler.errors import DataIdError, PolicyError, TemplateError, UnknownDatasetTypeError
from butler.policies.dataset_type import CalibrationRule, Category, DatasetType, Validity
from butler.policies.observation_table import (
    CalibrationHeader,
    HeaderRule,
    HeaderTable,
    Implication,
    ObservationTable,
)
from butler.policies.policy_yaml import Faults, Node, Section, as_node, read_yaml
from butler.policies.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import KeyValue

__all__ = [
    "RESERVED_KEYS",
    "CalibrationHeader",
    "HeaderRule",
    "HeaderTable",
    "Implication",
    "ObservationTable",
    "Policy",
    "load_policy",
    "merge_dataset_types",
]

RESERVED_KEYS = frozenset(
    {
        "all",
        "backup",
        "bbox",
        "checksum",
        "columns",
        "component",
        "data_id",
        "dataId",
        "dataset_type",
        "datasetType",
        "dataset_types",
        "doBackup",
        "filename",
        "flags",
        "hdu",
        "id",
        "image_origin",
        "imageOrigin",
        "immediate",
        "keys",
        "level",
        "limit",
        "mtime",
        "origin",
        "order_by",
        "path",
        "recipe",
        "replace",
        "row",
        "rows",
        "sha256",
        "size",
        "tag",
        "where",
        "write",
        "verify",
    }
)
"""Words that mean something else to `get`, `put`, `query` or the registry: never a key."""

_CALIBRATION_FOLDER = "CALIB"


@dataclass(frozen=True, slots=True)
class Policy:
    """All that is declared about a camera.

    Attributes
    ----------
    name
        Short name of the camera, as in ``butler.yaml``.
    description
        One line for users.
    gen2_names
        Dotted names by which Gen2's repositories call the mapper.
    keys
        Every data-ID key, with its type.
    observation
        The registry's table of ingested files.
    dataset_types
        Name to dataset type.
    levels
        Level to the keys that are left out at it.
    default_level
        The level where none is asked for.
    default_sub_levels
        Level to the next finer one.
    header
        How headers are read.
    raw_types
        The dataset types that are ingested.
    calibration_header
        How headers of calibrations are read.
    """

    name: str
    description: str
    gen2_names: tuple[str, ...]
    keys: KeyTypes
    observation: ObservationTable
    dataset_types: Mapping[str, DatasetType]
    levels: Mapping[str, tuple[str, ...]]
    default_level: str
    default_sub_levels: Mapping[str, str]
    header: HeaderTable
    raw_types: tuple[str, ...]
    calibration_header: CalibrationHeader = field(default_factory=CalibrationHeader)
    _required: dict[tuple[str, ...], frozenset[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def dataset_type(self, name: str) -> DatasetType:
        """Return a dataset type.

        Raises
        ------
        UnknownDatasetTypeError
            If the camera has none of that name; with a suggestion.
        """
        try:
            return self.dataset_types[name]
        except KeyError:
            context = f"the camera {self.name!r}"
            raise UnknownDatasetTypeError(name, self.dataset_types, context) from None

    def required_keys(self, dataset_type: DatasetType) -> frozenset[str]:
        """Return the keys that name one dataset, without those that follow from them.

        Parameters
        ----------
        dataset_type
            A dataset type of this camera.

        Returns
        -------
        frozenset of str
            For HSC's ``calexp``, whose template has also ``pointing`` and
            ``filter``: ``{"visit", "ccd"}``.
        """
        known = self._required.get(dataset_type.keys)
        if known is None:
            known = self._required[dataset_type.keys] = self._find_required(dataset_type.key_set)
        return known

    def _find_required(self, keys: frozenset[str]) -> frozenset[str]:
        unique = frozenset(self.observation.unique)
        if unique and unique <= keys:
            keys -= frozenset(self.observation.columns) - unique
        for implication in self.observation.implied:
            by = frozenset(implication.by)
            if by <= keys:
                keys -= frozenset(implication.columns) - by
        return keys


def load_policy(path: str | Path) -> Policy:
    """Read a camera's ``policy.yaml``.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    PolicyError
        If it cannot be read, or has faults: all of them, each with its line.
    """
    source = Path(path)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"The policy {str(path)!r} cannot be read: {error}"
        raise PolicyError(message) from error
    faults = Faults(str(source))
    policy = _read_policy(Section(read_yaml(text, str(source)), "the policy", faults))
    faults.raise_if_any()
    return policy


def merge_dataset_types(
    policy: Policy,
    types: str | Mapping[str, object],
    *,
    keys: Mapping[str, KeyType] | None = None,
    source: str = "butler.yaml",
) -> Policy:
    """Return a policy with dataset types of a repository's own.

    Parameters
    ----------
    policy
        The camera's policy.
    types
        Name to declaration, as in the section ``dataset_types`` of a policy:
        YAML text, or what was read from it. One of the camera's own names
        takes the place of the camera's.
    keys
        Data-ID keys that the repository has besides the camera's.
    source
        Name of the file, for messages.

    Raises
    ------
    PolicyError
        If there are faults.
    """
    faults = Faults(source)
    node = read_yaml(types, source) if isinstance(types, str) else as_node(dict(types))
    more = _read_keys(Section(as_node(dict(keys or {})), "keys", faults))
    all_keys = KeyTypes({**policy.keys, **more}, policy.keys.context)
    section = Section(node, "dataset_types", faults)
    added = _read_dataset_types(section, all_keys, policy.observation, policy.dataset_types)
    faults.raise_if_any()
    merged = {**policy.dataset_types, **added}
    return replace(
        policy,
        keys=all_keys,
        dataset_types=merged,
        raw_types=tuple(name for name, kind in merged.items() if kind.category == "raw"),
    )


def _read_policy(top: Section) -> Policy:
    name = top.text("name", needed=True) or "nameless"
    faults = top.faults
    keys = KeyTypes(_read_keys(Section(top.get("keys"), "keys", faults)), f"the camera {name!r}")
    observation = _read_observation(Section(top.get("observation"), "observation", faults), keys)
    levels = _read_levels(Section(top.get("levels"), "levels", faults), keys)
    default_level = top.text("default_level") or ""
    if levels or default_level:
        top.check_known(default_level, levels, "default_level is", "level", "default_level")
    types = _read_dataset_types(
        Section(top.get("dataset_types"), "dataset_types", faults), keys, observation, {}
    )
    policy = Policy(
        name=name,
        description=top.text("description") or "",
        gen2_names=top.texts("gen2_names"),
        keys=keys,
        observation=observation,
        dataset_types=types,
        levels=levels,
        default_level=default_level,
        default_sub_levels=_read_sub_levels(top, levels),
        header=_read_header(Section(top.get("header"), "header", faults), observation, keys),
        raw_types=tuple(name for name, kind in types.items() if kind.category == "raw"),
        calibration_header=_read_calibration_header(top, keys),
    )
    top.finish()
    return policy


def _read_keys(section: Section) -> dict[str, KeyType]:
    keys: dict[str, KeyType] = {}
    for key, node in section.items():
        if not key.isascii() or not key.isidentifier() or key.startswith("_"):
            section.faults.add(node.line, f"The key {key!r} is no word of letters, digits and _.")
        if key in RESERVED_KEYS:
            section.faults.add(
                node.line, f"The key {key!r} is reserved: it means something else to get and query."
            )
        if key.casefold() in {other.casefold() for other in keys}:
            section.faults.add(node.line, f"The key {key!r} differs from another in case alone.")
        if node.value not in get_args(KeyType):
            section.faults.add(
                node.line,
                f"The type of the key {key!r} is {node.value!r}; it is int, float or str.",
            )
        else:
            keys[key] = cast("KeyType", node.value)
    return keys


def _read_observation(section: Section, keys: KeyTypes) -> ObservationTable:
    columns = section.known_texts("columns", keys, "key")
    unique = section.known_texts("unique", columns, "column")
    if columns and not unique:
        section.faults.add(section.line, "observation lacks 'unique': what names one raw file?")
    implied = []
    node = section.get("implied")
    for rule in node.value if node is not None and isinstance(node.value, list) else ():
        part = Section(rule, "implied", section.faults)
        by = part.known_texts("by", columns, "column")
        implied.append(Implication(by, part.known_texts("columns", columns, "column")))
        part.finish()
    never = section.known_texts("never_completed", keys, "key")
    section.finish()
    types = {column: keys[column] for column in columns if column in keys}
    return ObservationTable(types, unique, tuple(implied), frozenset(never))


def _read_levels(section: Section, keys: KeyTypes) -> dict[str, tuple[str, ...]]:
    return {level: section.known_texts(level, keys, "key") for level in section.names()}


def _read_sub_levels(top: Section, levels: Mapping[str, object]) -> dict[str, str]:
    section = Section(top.get("default_sub_levels"), "default_sub_levels", top.faults)
    found = {}
    for level in section.names():
        finer = section.text(level) or ""
        section.check_known(level, levels, "default_sub_levels names", "level", level)
        section.check_known(finer, levels, "default_sub_levels names", "level", level)
        found[level] = finer
    return found


def _read_header(section: Section, table: ObservationTable, keys: KeyTypes) -> HeaderTable:
    cards = Section(section.get("recognised_by"), "recognised_by", section.faults)
    recognised = {card: cards.text(card) or "" for card in cards.names()}
    columns = Section(section.get("columns"), "header", section.faults)
    rules = {}
    for column, node in columns.items():
        columns.check_known(column, table.columns, "header fills", "column", column)
        rules[column] = _read_rule(column, node, keys, section.faults)
    missing = [column for column in table.columns if column not in rules]
    if missing:
        section.faults.add(section.line, f"header fills no column {', '.join(missing)}.")
    if rules and not recognised:
        section.faults.add(section.line, "header lacks 'recognised_by': whose files are these?")
    section.finish()
    return HeaderTable(recognised, rules)


def _read_calibration_header(top: Section, keys: KeyTypes) -> CalibrationHeader:
    standard = CalibrationHeader()
    node = top.get("calibration_header")
    if node is None:
        return standard
    section = Section(node, "calibration_header", top.faults)
    columns = Section(section.get("columns"), "calibration_header", top.faults)
    rules = {}
    for key, rule in columns.items():
        columns.check_known(key, keys, "calibration_header fills", "key", key)
        rules[key] = _read_rule(key, rule, keys, top.faults)
    made = CalibrationHeader(
        section.text("type") or standard.type_card,
        section.text("identity") or standard.identity_card,
        rules or standard.columns,
    )
    section.finish()
    return made


def _read_rule(column: str, node: Node, keys: KeyTypes, faults: Faults) -> HeaderRule:
    if isinstance(node.value, str):
        return HeaderRule(card=node.value)
    part = Section(node, f"the header rule of {column!r}", faults)
    card, function = part.text("card", None), part.text("function", None)
    default_node = part.get("default")
    default: KeyValue | None = None
    if default_node is not None and column in keys:
        try:
            default = keys.cast(column, default_node.value)
        except DataIdError as error:
            faults.add(default_node.line, str(error))
    if (card is None) == (function is None):
        faults.add(node.line, f"{part.where} needs either a card or a function.")
    part.finish()
    return HeaderRule(card, default, function)


def _read_dataset_types(
    section: Section,
    keys: KeyTypes,
    table: ObservationTable,
    others: Mapping[str, DatasetType],
) -> dict[str, DatasetType]:
    types = {}
    for name, node in section.items():
        part = Section(node, f"the dataset type {name!r}", section.faults)
        if not name.isascii() or not name.isidentifier():
            section.faults.add(node.line, f"{name!r} is no name of letters, digits and _.")
        types[name] = _read_dataset_type(name, part, keys, table)
        part.finish()
    for name, kind in types.items():
        for component in (kind.composite or {}).values():
            section.check_known(
                component, {**others, **types}, f"{name!r} is composed of", "dataset type", name
            )
    return types


def _read_dataset_type(
    name: str, part: Section, keys: KeyTypes, table: ObservationTable
) -> DatasetType:
    category = part.text("category") or "dataset"
    part.check_known(category, get_args(Category), "the category is", "category", "category")
    is_computed = category == "computed"
    template = _read_template(part, keys, is_computed=is_computed)
    rule = None
    if part.get("calibration") is not None or category == "calibration":
        rule = _read_calibration(part, keys, table)
        if category != "calibration":
            part.faults.add(part.line, f"{part.where} has a rule for calibrations but is none.")
    composite = Section(part.get("composite"), f"'composite' of {name!r}", part.faults)
    components = {component: composite.text(component) or "" for component in composite.names()}
    return DatasetType(
        name=name,
        template=template,
        storage_class=part.text("storage_class", needed=not is_computed) or "",
        description=part.text("description") or "",
        level=part.text("level") or "",
        category=cast("Category", category),
        recipe=part.text("recipe", None),
        calibration=rule,
        embedded=part.text("embedded", _CALIBRATION_FOLDER if rule else None),
        composite=components or None,
        gen2_python=part.text("gen2_python", None),
        computed_from=part.known_texts("keys", keys, "key") if is_computed else (),
    )


def _read_template(part: Section, keys: KeyTypes, *, is_computed: bool) -> Template | None:
    text = part.text("template", None, needed=not is_computed)
    if text is None:
        return None
    line = part.line_of("template")
    if is_computed:
        part.faults.add(line, f"{part.where} is computed, so it can have no template.")
    try:
        template = Template(text, keys)
    except TemplateError as error:
        part.faults.add(line, str(error))
        return None
    for key in template.keys:
        part.check_known(key, keys, f"the template of {part.where} uses", "key", "template")
        if key in keys and template.types[key] != keys[key]:
            part.faults.add(
                line,
                f"{part.where} writes {key!r} as {template.types[key]}; the key is {keys[key]}.",
            )
    return template


def _read_calibration(part: Section, keys: KeyTypes, table: ObservationTable) -> CalibrationRule:
    section = Section(part.get("calibration"), f"'calibration' of {part.where}", part.faults)
    standard = CalibrationRule(None)
    renamed = Section(section.get("columns"), f"'columns' of {part.where}", part.faults)
    rule = CalibrationRule(
        table=section.text("table", None),
        match=section.known_texts("match", keys, "key"),
        date_key=section.text("date_key", standard.date_key) or standard.date_key,
        observation_columns=section.known_texts("observation_columns", table.columns, "column")
        or standard.observation_columns,
        begin=section.text("begin", standard.begin) or standard.begin,
        end=section.text("end", standard.end) or standard.end,
        validity=cast("Validity", section.text("validity") or standard.validity),
        columns={key: renamed.text(key) or key for key in renamed.names()},
    )
    section.check_known(
        rule.validity, get_args(Validity), "validity is", "way to be valid", "validity"
    )
    for key in rule.columns:
        renamed.check_known(key, keys, "columns names", "key", key)
    section.finish()
    return rule
