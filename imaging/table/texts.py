"""Texts of catalogs: UTF-8 in the rows, Python's characters outside.

NumPy goes from one to the other element by element. Texts of ASCII alone have
the same numbers in both, which takes a tenth of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["REPLACING", "check_encoding", "decoded", "encoded", "longest_text"]

_ASCII_END = 0x80
REPLACING = "replace"
"""What becomes of bytes that are not UTF-8: each is shown as U+FFFD, and stays as it is."""


def longest_text(texts: NDArray[np.bytes_]) -> int:
    """Return the number of bytes of the longest of some texts, 0 if there are none."""
    return int(np.char.str_len(texts).max()) if texts.size else 0


def decoded(texts: NDArray[np.bytes_]) -> NDArray[np.str_]:
    """Return the characters of texts in UTF-8; see `REPLACING`."""
    flat = np.ascontiguousarray(texts.reshape(-1))
    size = longest_text(flat)
    if not size:
        return np.zeros(texts.shape, "U1")
    codes = flat.view(np.uint8).reshape(len(flat), -1)[:, :size]
    if int(codes.max()) >= _ASCII_END:
        return np.char.decode(texts, "utf-8", REPLACING)
    return codes.astype(np.uint32).view(f"U{size}").reshape(texts.shape)


def check_encoding(texts: NDArray[np.bytes_]) -> None:
    """Raise an error if texts are not UTF-8.

    Raises
    ------
    UnicodeDecodeError
        If one is not.
    """
    codes = np.ascontiguousarray(texts.reshape(-1)).view(np.uint8)
    if codes.size and int(codes.max()) >= _ASCII_END:
        np.char.decode(texts, "utf-8")


def encoded(texts: NDArray[np.str_]) -> NDArray[np.bytes_]:
    """Return texts in UTF-8.

    Raises
    ------
    UnicodeEncodeError
        If a text has halves of characters (surrogates).
    """
    if not texts.size or not texts.dtype.itemsize:
        return np.zeros(texts.shape, "S1")
    flat = np.ascontiguousarray(texts.reshape(-1), texts.dtype.newbyteorder("="))
    codes = flat.view(np.uint32).reshape(len(flat), -1)
    if int(codes.max()) >= _ASCII_END:
        return np.char.encode(texts, "utf-8")
    plain = codes.astype(np.uint8)
    return plain.view(f"S{plain.shape[1]}").reshape(texts.shape)
