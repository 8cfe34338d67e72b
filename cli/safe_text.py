"""Text from files and registries made harmless for a terminal."""

from __future__ import annotations

__all__ = ["safe_text"]


def safe_text(text: str, *, keep_lines: bool = False) -> str:
    """Return text in which whatever a terminal would act on is shown escaped.

    Parameters
    ----------
    text
        Anything: a file name may hold escape sequences, or bytes that are no
        text at all.
    keep_lines
        Whether line breaks and tabs stay.
    """
    if text.isprintable():
        return text
    kept = "\n\t" if keep_lines else ""
    return "".join(
        one if one.isprintable() or one in kept else one.encode("unicode_escape").decode("ascii")
        for one in text
    )
