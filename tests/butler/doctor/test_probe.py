from __future__ import annotations

from typing import TYPE_CHECKING

from butler import create_repository
from butler.doctor import Treatment, examine
from butler.doctor import probe as probing
from butler.storage.fsspec_store import FsspecStore

if TYPE_CHECKING:
    import pytest
    from conftest import Patient


def details(patient: Patient, code: str) -> list[str]:
    report = patient.examine(probe=True)
    return [one.detail for one in report.findings if one.code == code]


def test_what_the_file_system_can_do_is_said(patient: Patient) -> None:
    before = sorted(patient.root.rglob("*"))
    said = " ".join(details(patient, "probe"))
    for what in ("file system:", "free space:", "hard links: yes", "locks (flock): yes"):
        assert what in said
    assert details(patient, "probe_weak") == []
    assert [one for one in sorted(patient.root.rglob("*")) if one.name != "doctor"] == before


def test_what_it_cannot_do_is_said_with_what_that_means(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "is_network_path", lambda _path: True)
    monkeypatch.setattr(probing, "_LITTLE_SPACE", 1 << 62)
    said = " ".join(details(patient, "probe_weak"))
    for what in ("PostgreSQL", "free space", "a write-ahead log: no"):
        assert what in said
    assert patient.examine(probe=True).exit_code == 1


def test_store_that_overwrites_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    root = "memory://doctor-probe"
    create_repository(root, "hsc")
    assert examine(root, Treatment(probe=True)).count("probe_weak") == 0
    monkeypatch.setattr(FsspecStore, "create", FsspecStore.replace)
    report = examine(root, Treatment(probe=True))
    (weak,) = [one for one in report.findings if one.code == "probe_weak"]
    assert "conditional put" in weak.detail
    assert not any(".tmp-" in path for path, _ in FsspecStore(root).iter_objects())
