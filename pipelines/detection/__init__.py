"""Finding sources: pixels above the noise, the footprints they form, and the peaks in them."""
