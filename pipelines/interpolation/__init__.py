"""Filling pixels that are useless with what their neighbours suggest."""
