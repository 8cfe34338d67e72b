"""What the modules of the LSST stack are called, and what of theirs is here: `butler`'s part."""
