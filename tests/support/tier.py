"""How large the reliability suites are: small with every change, larger at night."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["TIERS", "TIER_VARIABLE", "current_tier", "sized"]

TIERS: Final = ("pr", "nightly", "release")
TIER_VARIABLE: Final = "SKYBUTLER_TIER"


def current_tier() -> str:
    """The tier that the environment asks for, ``pr`` if it does not."""
    tier = os.environ.get(TIER_VARIABLE, "pr")
    if tier not in TIERS:
        message = f"{TIER_VARIABLE} is {tier!r}, and the tiers are {', '.join(TIERS)}"
        raise ValueError(message)
    return tier


def sized(pr: int, nightly: int, release: int | None = None) -> int:
    """The size of a suite in the current tier; a release repeats the night if it has no own."""
    return {"pr": pr, "nightly": nightly, "release": release or nightly}[current_tier()]
