"""T18: nothing that lies in a repository is ever run; a canary is never made."""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from support.repositories import TYPES, make_repository
from support.zygote import Call

from butler import Butler
from butler.errors import ButlerError
from butler.ingest.ingest import ingest_files
from butler.repository.native import NativeRepository
from tests.butler.ingest.hsc_raws import write_raw
from tests.reliability.broken_variants import preparation, variants_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T18"
CANARY = "canary"
TAG = f'!!python/object/apply:os.system ["touch {CANARY}"]'
CODE = f"import os\nos.system('touch {CANARY}')\n"


class Hostile:
    """What a pickle would run when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {CANARY}",)


def use(root: Path) -> None:
    """What a user does with a repository that somebody gave them."""
    butler = Butler(root)
    for name in ("summary", "notes", "bfKernel", "processCcd_config", "camera", "raw"):
        try:
            butler.get(name, visit=1, ccd=1)
        except ButlerError:
            continue
    butler.query("summary").count()
    ingest_files(NativeRepository(str(root)), [root / "more"], mode="link")
    with Butler(inputs=root, outputs=root / "rerun" / "mine") as chained:
        chained.put(1, "summary", visit=9, ccd=9)


def _native(root: Path) -> None:
    with make_repository(root, types=TYPES) as butler:
        butler.put({"a": 1}, "notes", {"pointing": 1, "filter": "HSC-R", "visit": 1, "ccd": 1})
        butler.put(1, "summary", visit=1, ccd=1)
        butler.put(np.arange(4.0), "bfKernel")
        butler.put("x = 1\n", "processCcd_config")


def tag_in_butler_yaml(root: Path) -> None:
    _native(root)
    (root / "butler.yaml").write_text((root / "butler.yaml").read_text() + f"evil: {TAG}\n")


def tag_in_a_dataset(root: Path) -> None:
    _native(root)
    for file in root.rglob("*.yaml"):
        if file.name != "butler.yaml":
            file.write_text(TAG)


def tag_in_a_gen2_configuration(root: Path) -> None:
    root.mkdir()
    (root / "repositoryCfg.yaml").write_text(
        f"!RepositoryCfg_v1\n_mapper: !!python/name:evil.Mapper ''\n_mapperArgs: {TAG}\n"
    )


def strange_mapper(root: Path) -> None:
    root.mkdir()
    (root / "_mapper").write_text("evil.Mapper\n")


def strange_camera(root: Path) -> None:
    _native(root)
    text = (root / "butler.yaml").read_text()
    (root / "butler.yaml").write_text(text.replace("camera: hsc", "camera: evil:Mapper"))


def strange_storage_class(root: Path) -> None:
    _native(root)
    text = (root / "butler.yaml").read_text()
    (root / "butler.yaml").write_text(text.replace("storage_class: Json", "storage_class: evil:F"))


def hostile_pickle(root: Path) -> None:
    _native(root)
    for file in root.rglob("*.pkl"):
        file.write_bytes(pickle.dumps(Hostile()))


def code_in_a_configuration(root: Path) -> None:
    _native(root)
    for file in root.rglob("*config*"):
        if file.is_file():
            file.write_text(CODE)


def linked_butler_yaml(root: Path) -> None:
    _native(root)
    hostile = root.parent / "hostile.yaml"
    hostile.write_text((root / "butler.yaml").read_text() + f"evil: {TAG}\n")
    (root / "butler.yaml").unlink()
    (root / "butler.yaml").symlink_to(hostile)


def code_in_a_reference_catalog(root: Path) -> None:
    _native(root)
    shards = root / "ref_cats" / "evil"
    shards.mkdir(parents=True)
    (shards / "config.py").write_text(CODE)
    (shards / "master_schema.fits").write_bytes(b"")


def hostile_exports(root: Path) -> None:
    _native(root)
    (root / "exports.yaml").write_text(f"description: Butler Data Repository Export\ndata: {TAG}\n")


def code_among_raws(root: Path) -> None:
    _native(root)
    write_raw(root / "more" / f"$(touch {CANARY}).fits")
    (root / "more" / "sitecustomize.py").write_text(CODE)
    (root / "sitecustomize.py").write_text(CODE)


ATTACKS: dict[str, Callable[[Path], None]] = {
    attack.__name__: attack
    for attack in (
        *(tag_in_butler_yaml, tag_in_a_dataset, tag_in_a_gen2_configuration, strange_mapper),
        *(strange_camera, strange_storage_class, hostile_pickle, code_in_a_configuration),
        *(linked_butler_yaml, code_in_a_reference_catalog, hostile_exports, code_among_raws),
    )
}


def suffer(name: str, folder: Path) -> str:
    """Use a hostile repository; return what was raised that is not ours."""
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)  # where evil.py lies
    try:
        ATTACKS[name](folder / "DATA")
        (folder / "DATA" / "more").mkdir(exist_ok=True)
        _import_exports(folder)
        use(folder / "DATA")
    except ButlerError:
        return ""
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return repr(error)
    return ""


def _import_exports(folder: Path) -> None:
    if not (folder / "DATA" / "exports.yaml").exists():
        return
    from cli.main import main

    sys.argv = ["butler", "import", str(folder / "DATA"), str(folder / "DATA" / "exports.yaml")]
    with suppress(SystemExit):  # refused, or nothing was found in it
        main()


def attack(zygote: Zygote, folder: Path, name: str, variant: str | None = None) -> list[str]:
    folder.mkdir()
    (folder / "evil.py").write_text(CODE + "class Mapper: pass\nF = Mapper\n")
    call = Call(suffer, (name, folder), preparation(SUITE, variant))
    raised = zygote.run_all([call])[0].required()
    broken = [f"it raises {raised}"] if raised else []
    if list(folder.rglob(CANARY)) or Path(CANARY).exists():
        broken.append("the canary was made")
    return broken


def test_the_canaries_are_able_to_sing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for load in (
        lambda: yaml.unsafe_load(TAG),
        lambda: pickle.loads(pickle.dumps(Hostile())),
        lambda: exec(CODE),
    ):
        load()
        assert Path(CANARY).exists()
        Path(CANARY).unlink()


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_in_a_repository_is_run(
    zygote: Zygote, quick_path: Path, trials: Trials, name: str
) -> None:
    trials.add(attack(zygote, quick_path / "scene", name), of=name)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    broken = []
    for name in ATTACKS:
        broken += attack(zygote, quick_path / name, name, variant)
    assert "the canary was made" in broken
