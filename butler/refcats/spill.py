"""Rows sorted by pixel on disk, so that memory does not grow with their number."""

from __future__ import annotations

import heapq
import os
import tempfile
from typing import TYPE_CHECKING, Final, Self

from butler.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Spill"]

_RUN_BYTES: Final = 32 << 20
_BUFFER_BYTES: Final = 32 << 20  # of all runs together
_LEAST_ROWS: Final = 64


class Spill:
    """Takes rows in any order and gives them back by pixel.

    Parameters
    ----------
    directory
        Where the rows lie meanwhile, in a file without a name: nothing is
        left of it when the process ends, however it does.

    Notes
    -----
    An external sort: rows are kept until they are 32 MB, sorted by pixel, and
    written as one run; in the end the runs are merged.
    """

    def __init__(self, directory: str) -> None:
        try:
            self._file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - closed at exit
        except OSError as error:
            raise _refused(directory, error) from error
        self._directory = directory
        self._kept: list[tuple[NDArray[np.int64], NDArray[np.void]]] = []
        self._kept_bytes = 0
        self._runs: list[tuple[int, int]] = []
        self._end = 0
        self._dtype: np.dtype[np.void] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, pixels: NDArray[np.int64], rows: NDArray[np.void]) -> None:
        """Take some rows.

        Parameters
        ----------
        pixels
            The pixel of each, shape (n,).
        rows
            Shape (n,), of the same type each time.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        if len(rows):
            self._kept.append((pixels, rows))
            self._kept_bytes += rows.nbytes
            if self._kept_bytes >= _RUN_BYTES:
                self._write_run()

    def _write_run(self) -> None:
        import numpy as np

        pixels = np.concatenate([pair[0] for pair in self._kept])
        rows = np.concatenate([pair[1] for pair in self._kept])
        self._kept, self._kept_bytes = [], 0
        order = np.argsort(pixels, kind="stable")
        stored = np.empty(len(rows), [("pixel", np.int64), ("row", rows.dtype)])
        stored["pixel"], stored["row"] = pixels[order], rows[order]
        self._dtype = stored.dtype
        try:
            self._file.write(stored.data.cast("B"))
            self._file.flush()
        except OSError as error:
            raise _refused(self._directory, error) from error
        self._runs.append((self._end, len(stored)))
        self._end += stored.nbytes

    def iter_pixels(self) -> Iterator[tuple[int, NDArray[np.void]]]:
        """Yield each pixel and its rows, in the order of pixels and of rows.

        Raises
        ------
        StorageError
            If the disk refuses.
        """
        import numpy as np

        if self._kept:
            self._write_run()
        if self._dtype is None:
            return
        size = max(_BUFFER_BYTES // self._dtype.itemsize // len(self._runs), _LEAST_ROWS)
        runs = [_Run(self._file.fileno(), run, self._dtype, size) for run in self._runs]
        heap = [(run.pixel, number) for number, run in enumerate(runs) if run.pixel is not None]
        heapq.heapify(heap)
        while heap:
            pixel = heap[0][0]
            parts = []
            while heap and heap[0][0] == pixel:
                number = heap[0][1]
                parts.append(runs[number].take())
                following = runs[number].pixel
                if following is None:
                    heapq.heappop(heap)
                else:
                    heapq.heapreplace(heap, (following, number))
            yield int(pixel or 0), parts[0] if len(parts) == 1 else np.concatenate(parts)


class _Run:
    """Reads one sorted run from its begin to its end."""

    def __init__(
        self, descriptor: int, place: tuple[int, int], dtype: np.dtype[np.void], size: int
    ) -> None:
        import numpy as np

        self._descriptor, self._dtype, self._size = descriptor, dtype, size
        self._offset, self._left = place
        self._rows = np.empty(0, dtype)
        self._refill()

    @property
    def pixel(self) -> int | None:
        """The pixel of the next row, None at the end."""
        return int(self._rows["pixel"][0]) if len(self._rows) else None

    def take(self) -> NDArray[np.void]:
        """Return the rows of the next pixel."""
        import numpy as np

        parts = []
        pixel = self._rows["pixel"][0]
        while len(self._rows) and self._rows["pixel"][0] == pixel:
            count = int(np.searchsorted(self._rows["pixel"], pixel, side="right"))
            parts.append(self._rows["row"][:count].copy())
            self._rows = self._rows[count:]
            if not len(self._rows):
                self._refill()
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _refill(self) -> None:
        import numpy as np

        count = min(self._size, self._left)
        content = os.pread(self._descriptor, count * self._dtype.itemsize, self._offset)
        if len(content) < count * self._dtype.itemsize:
            raise StorageError("The disk gave back less than was written to it while sorting.")
        self._offset += len(content)
        self._left -= count
        self._rows = np.frombuffer(content, self._dtype)


def _refused(directory: str, error: OSError) -> StorageError:
    return StorageError(
        f"{directory} took no rows while they were sorted: {error.strerror}. There must be room "
        f"for the catalog twice."
    )
