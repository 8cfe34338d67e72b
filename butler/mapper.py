"""What knows a camera: its policy, its headers and its computed identifiers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from butler.data_id import DataId, KeyValue
from butler.errors import (
    DataIdError,
    IngestError,
    PolicyError,
    UnknownDatasetTypeError,
)
from butler.policies.policy import Policy, load_policy

if TYPE_CHECKING:
    from pathlib import Path

    from butler.policies.observation_table import HeaderRule

__all__ = ["Computation", "Header", "Mapper", "Observation", "ReadComponent"]

logger = logging.getLogger(__name__)

Header: TypeAlias = Mapping[str, object]
Observation: TypeAlias = Mapping[str, KeyValue | None]
Computation: TypeAlias = Callable[[DataId], object]
ReadComponent: TypeAlias = Callable[[str | None], object]


@lru_cache(maxsize=64)
def _shipped_policy(path: Path) -> Policy:
    return load_policy(path)


class Mapper:
    """One camera.

    A camera derives from this, names its policy file, and adds the few header
    functions and computed identifiers that a table cannot say.

    Attributes
    ----------
    policy_path : Path
        The camera's ``policy.yaml``.
    policy : Policy
        What it declares.
    name : str
        Short name of the camera.

    Raises
    ------
    PolicyError
        If the policy has faults or names a function that the class lacks.
    """

    policy_path: ClassVar[Path]

    def __init__(self) -> None:
        self.policy = _shipped_policy(self.policy_path)
        self.name = self.policy.name
        rules = [*self.policy.header.columns.items()]
        rules += self.policy.calibration_header.columns.items()
        for column, rule in rules:
            if rule.function is not None and not callable(getattr(self, rule.function, None)):
                message = (
                    f"The policy of {self.name!r} fills {column!r} by {rule.function!r}, "
                    f"but {type(self).__name__} has no such method."
                )
                raise PolicyError(message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), ()

    def computations(self) -> Mapping[str, Computation]:
        """Return the computed dataset types: name to a function of the data ID."""
        return {}

    def compute(self, name: str, data_id: DataId) -> object:
        """Return a computed dataset.

        Parameters
        ----------
        name
            A dataset type of category ``computed``, as ``ccdExposureId``.
        data_id
            At least the keys that it needs.

        Raises
        ------
        UnknownDatasetTypeError
            If this camera computes nothing of that name.
        DataIdError
            If a key is missing or a value is out of range.
        """
        functions = self.computations()
        if name not in functions:
            raise UnknownDatasetTypeError(name, functions, f"the camera {self.name!r}")
        try:
            return functions[name](data_id.cast(self.policy.keys))
        except KeyError as error:
            message = f"{name!r} needs the key {error.args[0]!r}; {data_id or 'nothing'} was given."
            raise DataIdError(message) from None

    @property
    def camera_path(self) -> Path:
        """The description of the focal plane: ``camera.yaml`` beside the policy.

        Raises
        ------
        PolicyError
            If the camera comes without one.
        """
        path = self.policy_path.with_name("camera.yaml")
        if not path.is_file():
            message = (
                f"The camera {self.name!r} comes without a description of its detectors: "
                f"there is no {path}."
            )
            raise PolicyError(message)
        return path

    def camera(self) -> object:
        """Return the detectors of the camera: the computed dataset ``camera``.

        Raises
        ------
        PolicyError
            If the camera comes without a description of them.
        """
        functions = self.computations()
        if "camera" not in functions:
            message = (
                f"The mapper of {self.name!r} computes no camera. To add one, return it as "
                f"'camera' from computations(), for example of {self.camera_path}."
            )
            raise PolicyError(message)
        return functions["camera"](DataId())

    def read_raw(
        self, dataset_type: str, data_id: DataId, component: str | None, read: ReadComponent
    ) -> object:
        """Return a dataset of category ``raw``, or a component, as users are to see it.

        Here it is as the file has it. A camera that knows more of its raw
        files than they say overrides this.

        Parameters
        ----------
        dataset_type
            Such as ``raw``.
        data_id
            Every key of its template.
        component
            The part that is asked for, which the formatter has; None for all.
        read
            Reads a component of the file, or all of it for None.
        """
        del dataset_type, data_id
        return read(component)

    def recognise(self, header: Header) -> None:
        """Refuse the header of another camera.

        Raises
        ------
        IngestError
            If none of the cards that the policy names has the value it names.
        """
        seen = []
        for card, pattern in self.policy.header.recognised_by.items():
            value = header.get(card)
            if isinstance(value, str) and fnmatchcase(value.strip().casefold(), pattern.casefold()):
                return
            seen.append(f"{card} is missing" if value is None else f"{card} says {value!r}")
        message = f"This is no file of {self.name}: {', '.join(seen)}."
        raise IngestError(message)

    def translate(self, header: Header) -> Observation:
        """Return the registry columns of a raw file.

        Parameters
        ----------
        header
            Card to value. Only the cards that are needed are looked at, so a
            mapping that raises `IngestError` for a card it cannot read harms
            nothing else.

        Returns
        -------
        Mapping
            Every column of the policy's observation table, of its type. A
            column that the header does not tell, or tells wrongly while the
            file has a place without it, has its default or is None.

        Raises
        ------
        IngestError
            If the file is not of this camera, or a column without which it
            has no place is missing or wrong.
        """
        self.recognise(header)
        needed = set(self.policy.observation.unique)
        for name in self.policy.raw_types:
            needed.update(self.policy.dataset_types[name].keys)
        observation: dict[str, KeyValue | None] = {}
        for column, rule in self.policy.header.columns.items():
            try:
                value = self.read_column(header, column, rule)
            except DataIdError as error:
                message = f"The header's {column!r} cannot be used ({rule.origin}): {error}"
                if column in needed:
                    raise IngestError(message) from error
                logger.warning("%s", message)
                value = rule.default
            if value is None and column in needed:
                message = f"The header does not tell {column!r}: {rule.origin}."
                raise IngestError(message)
            observation[column] = value
        return observation

    def read_column(self, header: Header, column: str, rule: HeaderRule) -> KeyValue | None:
        """Return what a rule makes of a header, typed; None where the header does not tell it.

        Parameters
        ----------
        header
            Card to value.
        column
            The key or registry column that is filled.
        rule
            Says from what.

        Raises
        ------
        DataIdError
            If it cannot be of the column's type.
        """
        if rule.function is not None:
            value = getattr(self, rule.function)(header)
        else:
            value = header.get(rule.card or "")
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            return rule.default
        if isinstance(value, bool) and rule.card is not None and rule.default is not None:
            value = int(value)  # a FITS logical in a column of numbers, as T_AG of HSC
        return self.policy.keys.cast(column, value)
