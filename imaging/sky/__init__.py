"""Angles and positions on the sky."""
