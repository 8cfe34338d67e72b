"""What the columns of catalogs are: fields, keys, aliases, slots, and mappings between schemas."""
