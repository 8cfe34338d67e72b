"""Catalogs: schemas, records, flags, slots and footprints over one structured array."""
