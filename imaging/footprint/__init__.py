"""Regions of an image as runs of pixels, with their peaks and their own pixel values."""
