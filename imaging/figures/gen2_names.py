"""The display that users of the LSST stack's second generation know, over `display`."""

from __future__ import annotations

import math
import re
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, Self, TypeAlias

import numpy as np

from imaging.errors import DisplayError, ParameterValueError
from imaging.exposure.exposure import Exposure
from imaging.figures.display import display
from imaging.geometry.ellipses import Axes as Ellipse
from imaging.geometry.ellipses import Quadrupole
from imaging.image.masked_image import MaskedImage
from imaging.preview.colors import plane_color

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

    from imaging.figures.scene import Shown
    from imaging.geometry.origin import Origin
    from imaging.geometry.points import Point2D, Point2I
    from imaging.preview.limits import Limits
    from imaging.wcs.projection import SkyProjection

__all__ = [
    "Display",
    "delAllDisplays",
    "getDefaultBackend",
    "getDisplay",
    "setDefaultBackend",
]

_BACKENDS = ("matplotlib", "ds9", "firefly", "ginga")
_ALGORITHMS = ("linear", "asinh", "sqrt", "log")
_MOMENTS = re.compile(r"@:([^,]+),([^,]+),([^,]+)")
_OUTLINE = 65  # points of an ellipse, the first twice
_Symbol: TypeAlias = "str | int | Ellipse | Quadrupole"
_Lines: TypeAlias = list[list[tuple[float, float]]]


class Display:
    """A window that shows one image, and what is drawn on it.

    Parameters
    ----------
    frame
        Its number, or name.
    backend
        ``matplotlib``, ``ds9``, ``firefly`` or ``ginga``; see
        `imaging.figures.display.display`. Marks, zoom and pan are matplotlib's.

    Raises
    ------
    ParameterValueError
        If there is no such backend.
    """

    _defaultBackend: ClassVar[str] = "matplotlib"
    _displays: ClassVar[dict[int | str, Display]] = {}

    def __init__(self, frame: int | str = 0, backend: str | None = None) -> None:
        self.frame = frame
        self.name = _known(backend or Display._defaultBackend, _BACKENDS, "backend")
        self._axes: Axes | None = None
        self._xy0 = (0, 0)
        self._size = (1, 1)
        self._colors: dict[str, str] = {}
        self._transparency = 60.0
        self._colormap = "gray"
        self._scaling: tuple[str, Limits] = ("linear", "zscale")
        Display._displays[frame] = self

    @staticmethod
    def setDefaultBackend(backend: str) -> None:
        """Set what displays are made with from now on."""
        Display._defaultBackend = _known(backend, _BACKENDS, "backend")

    @staticmethod
    def getDefaultBackend() -> str:
        """Return what displays are made with."""
        return Display._defaultBackend

    @staticmethod
    def getDisplay(frame: int | str = 0, backend: str | None = None) -> Display:
        """Return the display of a number, made if it is not there."""
        found = Display._displays.get(frame)
        return Display(frame, backend) if found is None else found

    @staticmethod
    def delAllDisplays() -> None:
        """Close all."""
        for one in list(Display._displays.values()):
            one.close()

    def mtv(self, data: Shown, title: str = "", wcs: SkyProjection | None = None) -> None:  # noqa: ARG002 - coordinates are pixels
        """Show an image with its mask, in place of what was there."""
        self._xy0 = (data.bbox.min_x, data.bbox.min_y)
        self._size = (data.bbox.width, data.bbox.height)
        show = partial(
            display,
            data,
            planes=self._planes(data),
            limits=self._scaling[1],
            alpha=1 - self._transparency / 100,
            title=title,
            viewer=self.name,
        )
        if self.name != "matplotlib":
            show()
            return
        self.erase(everything=True)
        show(axes=self._plane(), cmap=self._colormap)
        self._rescale()

    def _planes(self, data: Shown) -> Mapping[str, str] | None:
        if not isinstance(data, Exposure | MaskedImage):
            return None
        colors = {
            name: self._colors.get(name, plane_color(name, number))
            for name, number in data.mask.planes.items()
        }
        return {name: color for name, color in colors.items() if color.lower() != "ignore"}

    def scale(
        self,
        algorithm: str,
        min: float | Literal["zscale", "minmax"],  # noqa: A002 - as Gen2 has it
        max: float | None = None,  # noqa: A002 - as above
        unit: str | None = None,
    ) -> None:
        """Set what is black and what is white, and how it is between.

        Parameters
        ----------
        algorithm
            ``linear``, or of matplotlib ``asinh``, ``sqrt`` and ``log``.
        min, max
            ``zscale`` or ``minmax`` alone, or two pixel values.
        unit
            None or ``absolute``.
        """
        _known((unit or "absolute").lower(), ("absolute",), "unit")
        _known(algorithm, _ALGORITHMS if self.name == "matplotlib" else ("linear",), "algorithm")
        if isinstance(min, str):
            limits: Limits = min
        elif max is None:
            raise ParameterValueError("A scale has a min and a max, or is zscale or minmax.")
        else:
            limits = (float(min), float(max))
        self._scaling = (algorithm, limits)
        self._rescale()

    def _rescale(self) -> None:
        if self._axes is None or not self._axes.images:
            return
        from imaging.preview.limits import find_limits

        image = self._axes.images[0]
        algorithm, limits = self._scaling
        array = np.asarray(image.get_array())
        image.set_norm(_norm(algorithm, *find_limits(array, limits)))

    def zoom(
        self,
        zoomfac: float | None = None,
        colc: float | None = None,
        rowc: float | None = None,
        origin: Origin = "parent",
    ) -> None:
        """Show a part: the whole divided by a factor, around a position."""
        axes = self._drawn()
        if (colc is None) != (rowc is None):
            raise ParameterValueError("Give both the column and the row of the centre.")
        center = [sum(axes.get_xlim()) / 2, sum(axes.get_ylim()) / 2]
        half = [abs(a - b) / 2 for a, b in (axes.get_xlim(), axes.get_ylim())]
        if colc is not None and rowc is not None:
            center = list(self._parent(colc, rowc, origin))
        elif zoomfac is None:
            zoomfac = 2.0
        if zoomfac is not None:
            half = [length / 2 / zoomfac for length in self._size]
        axes.set_xlim(center[0] - half[0], center[0] + half[0])
        axes.set_ylim(center[1] - half[1], center[1] + half[1])

    def pan(self, colc: float, rowc: float, origin: Origin = "parent") -> None:
        """Bring a position to the middle."""
        self.zoom(None, colc, rowc, origin)

    def dot(
        self,
        symb: _Symbol,
        c: float,
        r: float,
        size: float = 2,
        ctype: str | None = None,
        origin: Origin = "parent",
    ) -> None:
        """Draw a mark.

        Parameters
        ----------
        symb
            ``+``, ``x``, ``*``, ``o``, an ellipse or its moments
            (``@:Mxx,Mxy,Myy``); anything else is written as text.
        c, r
            Column and row.
        size
            In pixels, from the middle to the end.
        ctype
            Colour; green by default.
        origin
            Whether these are parent coordinates.
        """
        axes, (x, y) = self._drawn(), self._parent(c, r, origin)
        lines = _mark(symb, size)
        if lines is None:
            axes.text(x, y, str(symb), color=ctype or "lime", ha="center", va="center")
            return
        self._draw([[(x + dx, y + dy) for dx, dy in line] for line in lines], ctype)

    def line(
        self,
        points: Iterable[Point2D | Point2I | tuple[float, float]],
        origin: Origin = "parent",
        symbs: str = "",
        ctype: str | None = None,
        size: float = 0.5,
    ) -> None:
        """Connect points, or draw a mark at each."""
        places = list(points)
        if symbs:
            for place, (x, y) in enumerate(places):
                self.dot(symbs[place % len(symbs)], x, y, size, ctype, origin)
            return
        self._draw([[self._parent(x, y, origin) for x, y in places]], ctype)

    def erase(self, *, everything: bool = False) -> None:
        """Remove what was drawn upon the image, or the image as well."""
        if self._axes is None:
            return
        if everything:
            self._axes.clear()
        for drawn in [*self._axes.lines, *self._axes.texts]:
            drawn.remove()

    def setMaskPlaneColor(self, name: str | Mapping[str, str], color: str | None = None) -> None:
        """Set the colour of mask planes, from the next image on; ``ignore`` hides one."""
        self._colors |= {name: color or "ignore"} if isinstance(name, str) else dict(name)

    def getMaskPlaneColor(self, name: str) -> str | None:
        """Return the colour that was set."""
        return self._colors.get(name)

    def setMaskTransparency(self, transparency: float) -> None:
        """Set how much of the image is seen through masks, in per cent, from the next on."""
        self._transparency = min(max(float(transparency), 0.0), 100.0)

    def getMaskTransparency(self) -> float:
        """Return how much of the image is seen through masks, in per cent."""
        return self._transparency

    def setImageColormap(self, cmap: str) -> None:
        """Set the colour map, from the next image on."""
        self._colormap = cmap

    def Buffering(self) -> AbstractContextManager[None]:
        """Return a context in which drawing is as it is outside of it."""
        return nullcontext()

    def flush(self) -> None:
        """Draw now."""
        if self._axes is not None:
            self._axes.figure.canvas.draw_idle()

    def show(self) -> None:
        """Draw now."""
        self.flush()

    def close(self) -> None:
        """Close the window."""
        if self._axes is not None:
            import matplotlib.pyplot as plt

            plt.close(self._axes.figure)  # type: ignore[arg-type]  # not a part of a figure
        self._axes = None
        Display._displays.pop(self.frame, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def __str__(self) -> str:
        return f"Display[{self.frame}]"

    def _plane(self) -> Axes:
        if self._axes is None:
            from imaging.figures.in_matplotlib import new_axes

            self._axes = new_axes(str(self))
        return self._axes

    def _drawn(self) -> Axes:
        if self.name != "matplotlib":
            raise DisplayError(
                f"{self.name} takes no marks, zoom and pan from here; matplotlib does."
            )
        if self._axes is None:
            raise DisplayError("There is no image yet: call mtv() first.")
        return self._axes

    def _parent(self, x: float, y: float, origin: Origin) -> tuple[float, float]:
        x0, y0 = self._xy0 if origin == "local" else (0, 0)
        return float(x) + x0, float(y) + y0

    def _draw(self, lines: _Lines, color: str | None) -> None:
        axes = self._drawn()
        for line in lines:
            xs, ys = zip(*line, strict=True)
            axes.plot(xs, ys, color=color or "lime", linewidth=1.0, scalex=False, scaley=False)


def _known(name: str, known: tuple[str, ...], what: str) -> str:
    if name not in known:
        raise ParameterValueError(f"{what}={name!r}: choose one of {', '.join(known)}.")
    return name


def _mark(symbol: _Symbol, size: float) -> _Lines | None:
    """Return the lines of a mark around (0, 0), None for a text."""
    if isinstance(symbol, str) and (match := _MOMENTS.match(symbol)):
        xx, xy, yy = map(float, match.groups())
        symbol = Quadrupole(xx, yy, xy)
    if isinstance(symbol, Ellipse | Quadrupole):
        axes = Ellipse(symbol)
        return [_ellipse(axes.a, axes.b, axes.theta)]
    plus: _Lines = [[(-size, 0.0), (size, 0.0)], [(0.0, -size), (0.0, size)]]
    leg = size * math.sqrt(0.5)
    cross: _Lines = [[(-leg, -leg), (leg, leg)], [(-leg, leg), (leg, -leg)]]
    marks = {"+": plus, "x": cross, "*": plus + cross, "o": [_ellipse(size, size, 0.0)]}
    return marks.get(str(symbol))


def _ellipse(a: float, b: float, theta: float) -> list[tuple[float, float]]:
    turns = [math.tau * place / (_OUTLINE - 1) for place in range(_OUTLINE)]
    sin, cos = math.sin(theta), math.cos(theta)
    round_ = [(a * math.cos(turn), b * math.sin(turn)) for turn in turns]
    return [(x * cos - y * sin, x * sin + y * cos) for x, y in round_]


def _norm(algorithm: str, low: float, high: float) -> Normalize:
    from matplotlib import colors

    if algorithm == "asinh":
        return colors.AsinhNorm((high - low) / 10 or 1.0, low, high)
    if algorithm == "sqrt":
        return colors.PowerNorm(0.5, low, high)
    if algorithm == "log":
        return colors.SymLogNorm((high - low) / 1000 or 1.0, vmin=low, vmax=high)
    return colors.Normalize(low, high)


def getDisplay(frame: int | str = 0, backend: str | None = None) -> Display:
    """Call ``Display.getDisplay``."""
    return Display.getDisplay(frame, backend)


def setDefaultBackend(backend: str) -> None:
    """Call ``Display.setDefaultBackend``."""
    Display.setDefaultBackend(backend)


def getDefaultBackend() -> str:
    """Call ``Display.getDefaultBackend``."""
    return Display.getDefaultBackend()


def delAllDisplays() -> None:
    """Call ``Display.delAllDisplays``."""
    Display.delAllDisplays()
