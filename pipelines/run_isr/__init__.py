"""Instrument signature removal as a run of its own, with the task of the camera."""
