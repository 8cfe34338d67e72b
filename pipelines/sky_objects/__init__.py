"""Places where there is nothing but sky, as sources: what they measure is the background."""
