"""What the modules of the LSST stack are called, and what of theirs is here: `imaging`'s part."""
