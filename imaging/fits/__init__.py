"""FITS files: headers, pixels and rows. Knows arrays, not what they mean."""
