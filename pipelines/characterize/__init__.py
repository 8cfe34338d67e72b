"""From an image of the sky to its PSF, background and aperture corrections."""
