"""Where an exposure is on the sky, from stars whose positions are known."""
