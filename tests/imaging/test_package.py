"""The package as users import it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import imaging


def test_every_public_name_can_be_imported() -> None:
    objects = [getattr(imaging, name) for name in imaging.__all__]
    assert len(objects) == len(set(imaging.__all__)) > 50
    assert set(imaging._PLACES) == set(imaging.__all__) == set(dir(imaging))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'imaging' has no attribute 'Exposures'"):
        imaging.Exposures  # noqa: B018 - asking is the test


def test_import_brings_no_heavy_library_and_nothing_that_is_not_used() -> None:
    code = (
        "import sys, imaging; imaging.Box\n"
        "heavy = {'numpy', 'astropy', 'fitsio', 'matplotlib', 'yaml', 'imaging.exposure'}\n"
        "print(heavy & set(sys.modules))\n"
        "[getattr(imaging, name) for name in imaging.__all__]\n"
        "print((heavy - {'numpy', 'imaging.exposure'}) & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\nset()\n"
