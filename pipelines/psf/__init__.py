"""Measuring the PSF of an exposure from its stars."""
