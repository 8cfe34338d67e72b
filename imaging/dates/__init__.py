"""Instants, without loss."""
