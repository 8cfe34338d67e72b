"""Boxes of values that do not change."""

from __future__ import annotations

from typing import overload

from imaging.geometry.box import Box

__all__ = ["BoxField"]


class BoxField:
    """A box of a frozen dataclass, of which every reader gets a copy.

    A box can be changed in place, an amplifier that many images share cannot.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> None: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Box: ...
    def __get__(self, instance: object | None, owner: type) -> Box | None:
        if instance is None:
            return None  # the default of the field: an empty box
        box: Box = instance.__dict__[self._name]
        return box.copy()

    def __set__(self, instance: object, value: Box | None) -> None:
        instance.__dict__[self._name] = Box() if value is None else value.copy()
