"""Background models in a data butler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import ParameterTypeError
from imaging.formatters.parameters import FITS_EXTENSIONS, refuse_component
from pipelines.background.model import Background, BackgroundList

__all__ = ["BackgroundFormatter"]

if TYPE_CHECKING:
    from imaging.image.image import Image


class BackgroundFormatter:
    """`pipelines.background.model.BackgroundList` in FITS files."""

    extensions = FITS_EXTENSIONS
    components = frozenset({"image"})
    read_parameters: frozenset[str] = frozenset()
    write_parameters: frozenset[str] = frozenset()

    def read(
        self,
        path: str,
        component: str | None = None,
        **parameters: object,  # noqa: ARG002 - the shape of a formatter
    ) -> BackgroundList | Image:
        """Return the models, or the image of their sum.

        Parameters
        ----------
        path
            The file.
        component
            ``image``: the background itself.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be read.
        """
        from pipelines.background.background_file import read_backgrounds

        if component is not None and component != "image":
            refuse_component(component, self.components)
        backgrounds = read_backgrounds(path)
        return backgrounds if component is None else backgrounds.image()

    def write(self, obj: object, path: str, **parameters: object) -> None:  # noqa: ARG002 - as above
        """Write models.

        Parameters
        ----------
        obj
            A BackgroundList, or one Background.
        path
            The file.
        parameters
            There are none.

        Raises
        ------
        FitsFileError
            If the file cannot be written.
        ParameterTypeError
            If it is something else.
        """
        from pipelines.background.background_file import write_backgrounds

        if isinstance(obj, Background):
            obj = BackgroundList([obj])
        if not isinstance(obj, BackgroundList):
            raise ParameterTypeError(f"A BackgroundList is needed, not {type(obj).__name__}.")
        write_backgrounds(obj, path)
