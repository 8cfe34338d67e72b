"""Taking apart the light of sources that overlap."""
