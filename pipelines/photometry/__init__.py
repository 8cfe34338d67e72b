"""How many nanojanskys a count is, from stars whose fluxes are known."""
