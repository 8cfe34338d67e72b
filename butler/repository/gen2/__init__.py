"""Repositories that the second generation of the butler left on disk, read as they are."""
