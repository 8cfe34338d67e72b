"""Run Python as somebody who may not write here.

Tests may run as root, for whom mode bits mean nothing: a snippet then runs as
``nobody``, and it is asserted first that a plain write fails for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from tempfile import gettempdir
from typing import TYPE_CHECKING

from support.shared_data import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["OtherUser", "find_other_user", "unprivileged_prefix"]

# Lets nobody read what root may read (an interpreter below root's home), and write nothing.
_READ_EVERYTHING = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
_TRY_TO_WRITE = """
import pathlib, sys
try:
    pathlib.Path(sys.argv[1], "written-by-another-user").touch()
except OSError:  # no permission, or a read-only file system
    sys.exit(0)
sys.exit("the write succeeded")
"""


def unprivileged_prefix() -> tuple[str, ...]:
    """The words before a command that make it run as nobody; none if we are not root."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        message = "setpriv (util-linux) is needed to run a command as nobody"
        raise FileNotFoundError(message)
    nobody = pwd.getpwnam("nobody")
    return (setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")


class OtherUser:
    """Somebody else on this machine: nobody if the tests run as root, ourselves otherwise.

    Parameters
    ----------
    prefix
        The words before a command that change the user.
    """

    def __init__(self, prefix: Sequence[str]) -> None:
        self._prefix = tuple(prefix)

    @property
    def user_id(self) -> int:
        """The number of the user that snippets run as."""
        return pwd.getpwnam("nobody").pw_uid if self._prefix else os.getuid()

    def run(
        self, snippet: str, *arguments: str | Path, cannot_write: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python snippet as this user and return its output, whatever its exit status.

        Parameters
        ----------
        snippet
            Python source; it finds `arguments` in ``sys.argv[1:]`` and can
            import the packages of this checkout.
        arguments
            Given to the snippet.
        cannot_write
            A folder. A plain write into it is tried first and must fail;
            otherwise the test would prove nothing.
        """
        attempt = self._python(_TRY_TO_WRITE, cannot_write)
        assert attempt.returncode == 0, f"{cannot_write} can be written: {attempt.stderr}"
        return self._python(snippet, *arguments)

    def can_run(self) -> bool:
        """Whether this user can start our interpreter and import our packages."""
        return self._python("import butler, sqlalchemy").returncode == 0

    def _python(self, snippet: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {
            "HOME": gettempdir(),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(REPOSITORY),
        }
        return subprocess.run(
            [*self._prefix, sys.executable, "-c", snippet, *map(str, arguments)],
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def find_other_user() -> OtherUser | None:
    """Somebody who can run our Python and is not root, or None.

    An interpreter below root's home cannot be read by nobody: then nobody is
    given the capability to read everything, which changes nothing for writes.
    """
    prefix = unprivileged_prefix()
    for candidate in (prefix, (*prefix, *_READ_EVERYTHING)) if prefix else ((),):
        other = OtherUser(candidate)
        if other.can_run():
            return other
    return None
