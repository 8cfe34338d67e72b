"""A data butler: data IDs in, files out, on chained repositories."""
