"""Texts that somebody might type, or a header might hold, to see where a file goes."""

from __future__ import annotations

from itertools import product

__all__ = ["HOSTILE"]

_PARTS = (
    "..", ".", "/", "//", "\\", "~", "~root", "%2e%2e", "%2f", "%00", "%", "%%", "%s", "%(visit)d",
    "{visit}", "{0.__class__}", "$HOME", "$(touch canary)", "`touch canary`", "; touch canary",
    "| touch canary", "&& touch canary", "'", '"', "' OR 1=1 --", "); DROP TABLE dataset; --",
    "\n", "\r\n", "\t", "\x00", "\x01", "\x1b[2J", "\x7f", "\u202e", "\u200b", "\ufeff", "\ud800",
    "\u00e9", "e\u0301", "\u212b", "\uff0e\uff0e\uff0f", "\u2024\u2024/", "\U0001f52d", "CON",
    "a" * 256, "a" * 5000, "-rf", "--", ".hidden", ".tmp-x-1-0", "a.lock", "a~1", "*", "?", "[a]",
    "butler.yaml", "registry.sqlite3", ".butler", "_mapper", "_parent", "..;/", "....//", " ", "a ",
    " a", "a.", "a:b", "a,b", "a^b", "a|b", "<a>", "!!python/name:os.system", "&a", "*a", "0x10",
    "1e3", "nan", "inf", "-0", "\u0661", "None", "null", "true",
)  # fmt: skip
HOSTILE = sorted(
    {*_PARTS, *(f"{a}{b}" for a, b in product(_PARTS[:20], ("/etc/passwd", "x", "/../../x")))}
    | {f"a/{part}" for part in _PARTS}
    | {f"{part}/a" for part in _PARTS}
)
