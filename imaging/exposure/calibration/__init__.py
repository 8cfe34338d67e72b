"""What a photometric calibration does with sources and catalogs."""
