"""Instrument signature removal: from a raw to an image of the sky."""
