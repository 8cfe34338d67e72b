"""Datasets on their way: into a repository, out of it, and tables of contents."""
