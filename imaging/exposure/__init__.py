"""Exposures: pixels with what is known about the observation and the instrument."""
