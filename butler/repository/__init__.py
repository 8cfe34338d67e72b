"""Repositories: what a directory holds, where it came from, and chains of them."""
