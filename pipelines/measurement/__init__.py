"""Measuring sources: positions, shapes, fluxes and flags."""
