"""Viewers of others: a real hub of messages with a client that listens as DS9 does."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging import Box, Exposure, Extent2I, Point2I, display
from imaging.errors import DisplayError, MissingLibraryError
from imaging.figures.scene import Ellipses
from imaging.figures.viewer_files import region_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyvo.samp import SAMPHubServer, SAMPIntegratedClient

samp = pytest.importorskip("pyvo.samp", reason="pyvo is not installed")

pytestmark = [  # a hub that stops complains of clients that are gone, in threads of its own
    pytest.mark.filterwarnings("ignore::pyvo.samp.SAMPWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

BOX = Box(Point2I(10, 20), Extent2I(6, 4))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SAMPHubServer]:
    lock = tmp_path / "samp-hub"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    hub = samp.SAMPHubServer(web_profile=False, lockfile=str(lock))
    hub.start()
    yield hub
    hub.stop()


class Listener:
    """A viewer that notes what it is told."""

    def __init__(self, name: str, kind: str, *, refuses: str = "") -> None:
        self.heard: list[dict[str, str]] = []
        self.refuses = refuses
        self.client: SAMPIntegratedClient = samp.SAMPIntegratedClient(
            name=name, metadata={"samp.name": name}
        )
        self.client.connect()
        self.client.bind_receive_call(kind, self.hear)

    def hear(
        self, _key: str, _sender: str, message: str, _type: str, content: dict, _extra: dict
    ) -> None:
        self.heard.append(content)
        if self.refuses:
            error = {"samp.errortxt": self.refuses}
            self.client.reply(message, {"samp.status": "samp.error", "samp.error": error})
        else:
            self.client.reply(message, {"samp.status": "samp.ok", "samp.result": {}})


@pytest.fixture
def exposure() -> Exposure:
    exposure = Exposure(BOX, dtype=np.float32)
    exposure.image.array[:] = np.arange(24).reshape(4, 6)
    exposure.mask.array[2, 3] = exposure.mask.get_bit_mask("CR")
    return exposure


@pytest.mark.usefixtures("hub")
def test_ds9_is_told_file_limits_and_masks(exposure: Exposure) -> None:
    ds9 = Listener("DS9 somewhere", "ds9.set")
    other = Listener("TOPCAT", "ds9.set")
    path = display(exposure, viewer="ds9", limits=(1, 9), planes={"CR": "red"}, title="calexp")
    commands = [content["cmd"] for content in ds9.heard]
    assert commands[:4] == [
        f"fits {path}",
        "scale limits 1.0 9.0",
        "mask transparency 60",
        "mask color red",
    ]
    assert np.array_equal(fits.getdata(path), exposure.image.array)
    flags = fits.getdata(commands[4].removeprefix("fits mask "))
    assert np.argwhere(flags).tolist() == [[2, 3]]
    assert other.heard == []
    for listener in (ds9, other):
        listener.client.disconnect()


@pytest.mark.usefixtures("hub")
def test_ginga_is_told_the_file(exposure: Exposure) -> None:
    ginga = Listener("Ginga", "image.load.fits")
    path = display(exposure, viewer="ginga", title="calexp")
    assert [content["name"] for content in ginga.heard] == ["calexp"]
    assert ginga.heard[0]["url"] == f"file://{path}"
    ginga.client.disconnect()


@pytest.mark.usefixtures("hub")
def test_a_viewer_that_refuses_or_is_not_there_is_an_error(exposure: Exposure) -> None:
    with pytest.raises(DisplayError, match=r"No DS9 listens to 'ds9.set': start it"):
        display(exposure, viewer="ds9")
    ds9 = Listener("DS9", "ds9.set", refuses="no such file")
    with pytest.raises(DisplayError, match=r"DS9 refused .*no such file"):
        display(exposure, viewer="ds9")
    ds9.client.disconnect()


def test_without_a_hub_the_error_says_to_start_the_viewer(
    exposure: Exposure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'none').as_uri()}")
    with pytest.raises(DisplayError, match="start DS9 first"):
        display(exposure, viewer="ds9")


def test_without_a_firefly_server_there_is_an_error(exposure: Exposure) -> None:
    pytest.importorskip("firefly_client", reason="firefly-client is not installed")
    with pytest.raises(DisplayError, match="Firefly cannot be reached"):
        display(exposure, viewer="firefly", url="http://127.0.0.1:9/firefly")


@pytest.mark.parametrize(
    ("viewer", "module"), [("ds9", "pyvo.samp"), ("firefly", "firefly_client")]
)
def test_without_the_library_the_error_says_what_to_install(
    viewer: str, module: str, exposure: Exposure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingLibraryError, match=r"skybutler\[display\]"):
        display(exposure, viewer=viewer)


def test_regions_count_pixels_from_one() -> None:
    one = np.ones(1)
    text = region_text(Ellipses(12 * one, 23 * one, 4 * one, 2 * one, np.pi / 2 * one), 10, 20)
    assert text.splitlines()[-1] == "ellipse(3.000,4.000,4.000,2.000,90.000)"


@pytest.mark.usefixtures("hub")
def test_the_files_of_a_viewer_are_in_the_folder_for_such_files(exposure: Exposure) -> None:
    ginga = Listener("Ginga", "image.load.fits")
    path = display(exposure, viewer="ginga", title="a/../b c")
    assert isinstance(path, str)
    assert os.path.basename(path) == "a_.._b_c.fits"
    ginga.client.disconnect()
