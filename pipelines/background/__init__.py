"""The light of the sky, modelled and subtracted."""
