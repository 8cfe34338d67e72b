"""Stores: where the bytes of a repository lie, and how they get there safely."""
