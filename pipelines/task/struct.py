"""What a task returns: named values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.task.gen2_names import StructGen2Names

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Struct"]


class Struct(StructGen2Names):
    """Named values, as attributes.

    Parameters
    ----------
    **values
        The values by their names.

    Raises
    ------
    TypeError
        If a name begins with two underscores, or is one of a method.

    Examples
    --------
    >>> result = Struct(exposure=1, background=2)
    >>> result.background
    2
    >>> result
    Struct(exposure=1, background=2)

    Notes
    -----
    A task whose results are always the same may derive a class that annotates
    them, so that whoever uses it knows their types.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401 - as various as the tasks

    def __init__(self, **values: object) -> None:
        for name in values:
            if name.startswith("__") or hasattr(type(self), name):
                raise TypeError(f"A Struct cannot hold {name!r}: the name means something else.")
        self.__dict__.update(values)

    def to_dict(self) -> dict[str, object]:
        """Return the values by their names, in their order, as a new dictionary."""
        return dict(self.__dict__)

    def copy(self) -> Self:
        """Return another one with the same values, which are not copied."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Struct):
            return NotImplemented
        return self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # its values change

    def __len__(self) -> int:
        return len(self.__dict__)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"
