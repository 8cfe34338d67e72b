"""Cosmic rays, found and filled."""
