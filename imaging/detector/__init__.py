"""Amplifiers, detectors and cameras, and how raw sections become one image."""
