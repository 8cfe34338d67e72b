"""Tasks: from raw files to measured catalogs."""
