"""Scenes in a Firefly server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import DisplayError, MissingLibraryError
from imaging.figures.viewer_files import write_image_file, write_region_file

if TYPE_CHECKING:
    from imaging.figures.scene import Scene

__all__ = ["show_in_firefly"]

_MASK_EXTENSION = 1  # of the images in the file: image, mask, variance


def show_in_firefly(scene: Scene, *, url: str | None = None) -> str:
    """Show a scene in Firefly: image, limits, mask planes in colours, and outlines.

    Parameters
    ----------
    scene
        What is to be seen.
    url
        The server; by default that of the environment variable
        ``FIREFLY_URL``, or one on this machine.

    Returns
    -------
    str
        Path of the file that was uploaded.

    Raises
    ------
    DisplayError
        If there is no such server.
    MissingLibraryError
        If firefly-client is not installed.
    """
    try:
        from firefly_client import FireflyClient
    except ImportError:
        raise MissingLibraryError("firefly-client", "display") from None
    path = write_image_file(scene)
    plot = scene.title or "image"
    try:
        client = FireflyClient.make_client(**({} if url is None else {"url": url}))
        uploaded = client.upload_file(path)
        client.show_fits_image(file_on_server=uploaded, plot_id=plot, multiImageIdx=0)
        if isinstance(scene.limits, str):
            client.set_stretch(plot, stype=scene.limits)
        else:
            low, high = scene.limits
            client.set_stretch(plot, stype="absolute", lower_value=low, upper_value=high)
        for name, color in scene.planes.items():
            if scene.mask is not None:
                bit = scene.mask.planes[name]
                client.add_mask(bit, _MASK_EXTENSION, plot, color=color, title=name)
        if scene.ellipses is not None:
            regions = client.upload_file(write_region_file(scene))
            client.overlay_region_layers(file_on_server=regions, plot_id=plot)
    except (OSError, ValueError, RuntimeError) as error:
        message = f"Firefly cannot be reached or refused: {error}. Give its url=."
        raise DisplayError(message) from error
    return path
