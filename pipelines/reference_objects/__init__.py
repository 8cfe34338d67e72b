"""Stars whose positions and fluxes are known, for the pixels of an exposure."""
