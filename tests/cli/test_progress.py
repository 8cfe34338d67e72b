"""How far something is, as a log of a batch system shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli import progress

if TYPE_CHECKING:
    import pytest


def test_a_line_now_and_then_says_how_long_it_will_take(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with progress.estimating("isr") as show:
        for seconds, done in ((1, 1), (40, 10), (80, 20), (160, 90), (165, 99), (170, 100)):
            now[0] = float(seconds)
            show(done, 100)
    assert capsys.readouterr().err.splitlines() == [
        "isr: 10 of 100, about 6 min left",
        "isr: 20 of 100, about 5 min left",
        "isr: 90 of 100, about 20 s left",
    ]


def test_hours_are_called_hours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with progress.estimating("isr") as show:
        now[0] = 60.0
        show(1, 121)
    assert capsys.readouterr().err == "isr: 1 of 121, about 2.0 h left\n"
