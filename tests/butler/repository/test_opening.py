from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.errors import RepositoryNotFoundError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser


def test_parent_that_is_hidden_is_not_taken_for_gone(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    hidden, mine = public_tmp_path / "hidden", public_tmp_path / "mine"
    create_repository(hidden, "hsc")
    create_repository(mine, "hsc", parents=[hidden])
    hidden.chmod(0)
    snippet = (
        "import os, sys\nfrom butler import Butler\nfrom butler.errors import ButlerError\n"
        "if os.access(sys.argv[2], os.R_OK):\n    sys.exit('reads everything')\n"
        "try:\n    Butler(sys.argv[1])\n"
        "except ButlerError as error:\n    print(type(error).__name__, error)\n"
    )
    answer = other_user.run(snippet, mine, hidden, cannot_write=public_tmp_path)
    if "reads everything" in answer.stderr:
        pytest.skip("from the other user nothing can be hidden here")
    assert answer.stdout.startswith(f"{StorageError.__name__} {hidden} cannot be looked at"), answer


def test_directory_that_is_no_repository_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError, match="butler create"):
        Butler(tmp_path)
    assert os.listdir(tmp_path) == []
