"""Arrays of pixels with an origin."""
