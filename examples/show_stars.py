"""Exercise 3: stars, the PSF where they are, and the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from pipelines.psf.candidates import PsfCandidate

__all__ = ["show_stars"]


def show_stars(candidates: Sequence[PsfCandidate], count: int = 5) -> Figure:
    """Show some stars, a column for each: the star, the PSF in its place, the difference.

    Parameters
    ----------
    candidates
        The stars, as `measure_psf` returns them; the brightest are shown.
    count
        How many.
    """
    import matplotlib.pyplot as plt

    stars = sorted(candidates, key=lambda star: -star.flux)[:count]
    size = 1.6 * max(len(stars), 1), 4.8
    figure, axes = plt.subplots(3, max(len(stars), 1), figsize=size, squeeze=False)
    for column, star in enumerate(stars):
        top = float(star.image.array.max())
        rows = (star.image, top), (star.model, top), (star.residual, top / 10)
        for row, (image, limit) in enumerate(rows):
            display(image, axes=axes[row, column], limits=(-limit / 10, limit))
    for one in axes.flat:
        one.set(xlabel="", ylabel="", xticks=[], yticks=[])
    for row, text in enumerate(("star", "PSF", "difference x 10")):
        axes[row, 0].set_ylabel(text)
    return figure
