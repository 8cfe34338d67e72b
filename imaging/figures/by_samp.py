"""Scenes in DS9 and ginga, which listen to messages of the Virtual Observatory (SAMP).

DS9 joins the hub that runs when it starts, or starts one. ginga does so with
``ginga --modules=SAMP``, and shows the image alone.
"""

from __future__ import annotations

from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from imaging.errors import DisplayError, MissingLibraryError
from imaging.figures.viewer_files import write_image_file, write_mask_file, write_region_file
from imaging.preview.limits import find_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyvo.samp import SAMPIntegratedClient

    from imaging.figures.scene import Scene

__all__ = ["show_in_ds9", "show_in_ginga"]

_LOAD = "image.load.fits"
_DS9 = "ds9.set"
_TAG = "display"
_PATIENCE_S = 60.0


def show_in_ds9(scene: Scene) -> str:
    """Show a scene in DS9: image, limits, mask planes in colours, and outlines.

    Returns
    -------
    str
        Path of the file that it was given, which lives as long as this process.

    Raises
    ------
    DisplayError
        If no DS9 listens, or it refuses.
    MissingLibraryError
        If pyvo is not installed.
    """
    path = write_image_file(scene)
    messages = [(_DS9, {"cmd": command}) for command in _commands(scene, path)]
    _send("DS9", _DS9, messages)
    return path


def _commands(scene: Scene, path: str) -> Iterator[str]:
    yield f"fits {path}"
    if isinstance(scene.limits, str):
        yield f"scale mode {scene.limits}"
    else:
        low, high = find_limits(scene.image.array, scene.limits)
        yield f"scale limits {low} {high}"
    yield f"mask transparency {round(100 * (1 - scene.alpha))}"
    for name, color in scene.planes.items():
        yield f"mask color {color}"
        yield f"fits mask {write_mask_file(scene, name)}"
    if scene.ellipses is not None:
        yield f"regions load {write_region_file(scene)}"


def show_in_ginga(scene: Scene) -> str:
    """Show the image of a scene in ginga; see `show_in_ds9`."""
    path = write_image_file(scene)
    name = scene.title or "image"
    _send("ginga", _LOAD, [(_LOAD, {"url": Path(path).as_uri(), "name": name})])
    return path


def _send(viewer: str, kind: str, messages: list[tuple[str, dict[str, str]]]) -> None:
    """Send messages to the viewers of a name, one after the other."""
    try:
        from pyvo.samp import SAMPHubError, SAMPIntegratedClient
    except ImportError:
        raise MissingLibraryError("pyvo", "display") from None
    client = SAMPIntegratedClient(name="skybutler", callable=True)
    try:
        client.connect()
    except SAMPHubError as error:
        message = f"No viewer can be reached ({error}): start {viewer} first."
        raise DisplayError(message) from error
    try:
        listeners = _listeners(client, viewer, kind)
        if not listeners:
            message = f"No {viewer} listens to {kind!r}: start it, and let it join the SAMP hub."
            raise DisplayError(message)
        for listener in listeners:
            for mtype, parameters in messages:
                _call(client, viewer, listener, {"samp.mtype": mtype, "samp.params": parameters})
    finally:
        client.disconnect()


def _listeners(client: SAMPIntegratedClient, viewer: str, kind: str) -> list[str]:
    return [
        identifier
        for identifier in client.get_subscribed_clients(kind)
        if viewer.casefold() in str(client.get_metadata(identifier).get("samp.name")).casefold()
    ]


def _call(
    client: SAMPIntegratedClient, viewer: str, listener: str, content: dict[str, object]
) -> None:
    # not call_and_wait: hubs lose an answer that comes before they begin to wait
    answers: SimpleQueue[dict[str, object]] = SimpleQueue()
    client.bind_receive_response(_TAG, lambda _key, _sender, _tag, answer: answers.put(answer))
    client.call(listener, _TAG, content)
    try:
        answer = answers.get(timeout=_PATIENCE_S)
    except Empty:
        message = f"{viewer} did not answer within {_PATIENCE_S:g} s."
        raise DisplayError(message) from None
    if answer["samp.status"] == "samp.error":
        message = f"{viewer} refused {content['samp.params']}: {answer.get('samp.error')}"
        raise DisplayError(message)
