"""Modules whose names are those of the LSST stack's second generation."""
