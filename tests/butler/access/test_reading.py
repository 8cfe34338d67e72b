from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler.errors import DatasetNotFoundError, FormatterError
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from pathlib import Path

    from butler import Butler

ONE = {"visit": 903334, "ccd": 16}


@pytest.fixture
def file(butler: Butler) -> Path:
    """The file of a dataset."""
    from pathlib import Path

    butler.put({"a": 1}, "summary", ONE)
    return Path(butler.get_uri("summary", ONE))


def test_a_whole_file_is_verified_and_read(butler: Butler, file: Path) -> None:
    assert file.exists()
    assert butler.get("summary", ONE, verify=True) == {"a": 1}
    assert butler.get("summary", ONE, verify=False) == {"a": 1}


def test_a_changed_file_is_refused_when_it_is_verified(butler: Butler, file: Path) -> None:
    file.write_text(file.read_text().replace("1", "2"))
    assert butler.get("summary", ONE) == {"a": 2}
    with pytest.raises(FormatterError, match=r"not what was registered.*butler doctor"):
        butler.get("summary", ONE, verify=True)


def test_a_file_whose_digest_nobody_knows_cannot_be_verified(butler: Butler, file: Path) -> None:
    repository = butler.repositories[0]
    assert isinstance(repository, NativeRepository)
    with repository.registry.write() as cursor:
        cursor.run_script(["UPDATE dataset SET sha256 = NULL"])
    assert file.exists()
    with pytest.raises(FormatterError, match=r"not known.*butler doctor .* --deep"):
        butler.get("summary", ONE, verify=True)


def test_a_file_that_is_gone_is_not_found_when_it_is_verified(butler: Butler, file: Path) -> None:
    file.unlink()
    with pytest.raises(DatasetNotFoundError):
        butler.get("summary", ONE, verify=True)
