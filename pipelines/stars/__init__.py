"""Images of stars at many places at once, as a PSF has them."""
