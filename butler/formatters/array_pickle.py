"""Pickles of plain NumPy arrays, as Gen2 left them; nothing else is unpickled."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

from butler.errors import FormatterError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ArrayPickleFormatter"]

_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),
}


class _ArrayUnpickler(pickle.Unpickler):
    """Knows the five names that an array needs."""

    def find_class(self, module: str, name: str) -> object:
        """Return an allowed name, refuse every other one."""
        if (module, name) not in _ALLOWED:
            raise FormatterError(
                f"The pickle asks for {module}.{name}. Only plain NumPy arrays are unpickled: "
                f"a pickle can run any code. Convert the file where you trust it."
            )
        module = module.replace("numpy.core", "numpy._core")
        found: Callable[..., object] = super().find_class(module, name)
        return found


class ArrayPickleFormatter:
    """A NumPy array in a pickle."""

    extensions = (".pkl", ".pickle")
    components: frozenset[str] = frozenset()
    read_parameters: frozenset[str] = frozenset()
    write_parameters: frozenset[str] = frozenset()

    def dump(self, obj: object) -> bytes:
        """Return the pickle of an array of numbers."""
        import numpy as np

        if type(obj) is not np.ndarray or obj.dtype.hasobject:  # a mask or a unit would get lost
            raise FormatterError(
                f"A plain NumPy array of numbers is wanted, not {type(obj).__qualname__}"
                f"{' of objects' if isinstance(obj, np.ndarray) else ''}."
            )
        return pickle.dumps(obj.copy(order="C"), protocol=4)

    def load(self, content: bytes, component: str | None = None) -> object:
        """Return the array in a pickle."""
        import numpy as np

        del component  # there are none
        try:
            array = _ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError) as error:
            raise FormatterError(f"The file is not a pickled array: {error}") from error
        if not isinstance(array, np.ndarray) or array.dtype.hasobject:
            raise FormatterError("The pickle does not hold an array of numbers.")
        return array

    def read(self, path: str, component: str | None = None, **parameters: object) -> object:
        """Return the array in a file."""
        del parameters
        with open(path, "rb") as file:
            return self.load(file.read(), component)

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write an array to a new file."""
        del parameters
        content = self.dump(obj)
        with open(path, "xb") as file:
            file.write(content)
