"""What can be measured of a source, one module for each algorithm."""
