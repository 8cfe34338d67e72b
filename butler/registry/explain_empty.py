"""Why a search found nothing, and what it could have found."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final

from butler.errors import suggest
from butler.registry.condition import (
    And,
    Comparison,
    Condition,
    Everything,
    Membership,
    all_of,
    leaves,
    names,
    render,
)
from butler.registry.literal import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from butler.data_id import KeyValue

__all__ = ["MAX_LOOKED_AT", "EmptyResult", "explain_empty"]

MAX_LOOKED_AT: Final = 1000  # distinct values of one key that are fetched
_MAX_PAIRED: Final = 10  # conjuncts up to which every pair is tried
_MAX_SHOWN: Final = 5  # values of one key in the message
_MAX_CULPRIT: Final = 200  # characters of one culprit in the message


@dataclass(frozen=True, slots=True)
class EmptyResult:
    """Why a search found nothing.

    Parameters
    ----------
    culprits
        The parts of the condition that nothing matches: each of them by
        itself, or all of them together. Empty if there is nothing to search.
    existing
        By key of the culprits: values that do exist, those closest to what
        was asked for first chosen, in order.
    message
        The same for a reader.
    """

    culprits: tuple[str, ...]
    existing: Mapping[str, tuple[KeyValue, ...]] = field(hash=False)
    message: str


def explain_empty(
    condition: Condition,
    count: Callable[[Condition], int],
    values: Callable[[str, int], Sequence[KeyValue]],
) -> EmptyResult:
    """Find out which part of a condition leaves nothing.

    Parameters
    ----------
    condition
        The condition that matched nothing.
    count
        Returns how many rows match a condition; a bool of whether any does is enough.
    values
        Returns distinct values of a key that exist, at most as many as given.

    Returns
    -------
    EmptyResult
        The conjuncts that match nothing by themselves; where there are none,
        a smallest pair of them; where there is none, a set of which none can
        be left out.
    """
    if not count(Everything()):
        return EmptyResult((), {}, "There is nothing to search here, whatever the condition.")
    conjuncts = condition.terms if isinstance(condition, And) else (condition,)
    alone = tuple(term for term in conjuncts if not count(term))
    culprits = alone or _together(conjuncts, count)
    known = {name: tuple(values(name, MAX_LOOKED_AT)) for name in sorted(names(all_of(*culprits)))}
    existing = {name: _closest(culprits, name, found) for name, found in known.items()}
    lines = [_headline(culprits, is_alone=bool(alone))]
    lines += [_describe(culprits, name, known[name], existing[name]) for name in known]
    texts = tuple(map(render, culprits))
    return EmptyResult(texts, existing, "\n".join(lines))


def _together(
    conjuncts: Sequence[Condition], count: Callable[[Condition], int]
) -> tuple[Condition, ...]:
    """Return conjuncts that match something each, and nothing together."""
    if len(conjuncts) <= _MAX_PAIRED:
        for pair in combinations(conjuncts, 2):
            if not count(all_of(*pair)):
                return pair
    kept = list(conjuncts)
    for term in conjuncts:
        rest = [other for other in kept if other is not term]
        if not count(all_of(*rest)):
            kept = rest
    return tuple(kept)


def _headline(culprits: Sequence[Condition], *, is_alone: bool) -> str:
    shown = [_shortened(render(culprit)) for culprit in culprits]
    if not shown:
        return "Something matches now: it came while this was looked into."
    if len(shown) == 1 or is_alone:
        return f"Nothing matches {' nor '.join(shown)}."
    return f"Nothing matches {' together with '.join(shown)}, though each matches something."


def _describe(
    culprits: Sequence[Condition],
    name: str,
    known: Sequence[KeyValue],
    existing: Sequence[KeyValue],
) -> str:
    if not known:
        return f"{name} has no values at all."
    listed = ", ".join(map(quote, existing))
    if len(known) <= len(existing):
        line = f"All values of {name}: {listed}."
    elif all(isinstance(value, str) for value in existing):
        line = f"Values of {name} are, for example: {listed}."
    else:
        line = f"Closest values of {name}: {listed}."
    wanted = [value for value in _asked(culprits, name) if isinstance(value, str)]
    texts = [value for value in known if isinstance(value, str)]
    return line + (suggest(wanted[0], texts) if wanted and wanted[0] not in texts else "")


def _closest(
    culprits: Sequence[Condition], name: str, known: Sequence[KeyValue]
) -> tuple[KeyValue, ...]:
    """Return the known values that are closest to those asked for, in order."""
    if len(known) <= _MAX_SHOWN:
        return tuple(sorted(known, key=_order))
    asked = _asked(culprits, name)
    chosen: dict[KeyValue, None] = {}
    for wanted in asked[:_MAX_SHOWN]:
        chosen.update(dict.fromkeys(_neighbours(wanted, known)))
    chosen.update(dict.fromkeys(sorted(known, key=_order)[:_MAX_SHOWN] if not chosen else ()))
    return tuple(sorted(list(chosen)[:_MAX_SHOWN], key=_order))


def _neighbours(wanted: KeyValue, known: Sequence[KeyValue]) -> list[KeyValue]:
    if isinstance(wanted, str):
        from difflib import get_close_matches

        texts = [value for value in known if isinstance(value, str)]
        return list(get_close_matches(wanted, texts))
    numbers = [value for value in known if not isinstance(value, str)]
    below = [value for value in numbers if value <= wanted]
    above = [value for value in numbers if value > wanted]
    return [*([max(below)] if below else []), *([min(above)] if above else [])]


def _asked(culprits: Sequence[Condition], name: str) -> list[KeyValue]:
    """Return the values of a key that the culprits name, ends of ranges included."""
    asked: list[KeyValue] = []
    for leaf in (leaf for culprit in culprits for leaf in leaves(culprit) if leaf.name == name):
        if isinstance(leaf, Comparison):
            asked.append(leaf.value)
        elif isinstance(leaf, Membership):
            asked += leaf.values
            asked += [end for span in leaf.ranges for end in (span.first, span.last)]
    return asked


def _order(value: KeyValue) -> tuple[bool, float, str]:
    return (True, 0, value) if isinstance(value, str) else (False, value, "")


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_CULPRIT else f"{text[: _MAX_CULPRIT - 3]}..."
