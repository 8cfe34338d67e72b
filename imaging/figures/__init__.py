"""Images on a screen: in matplotlib, and in the viewers of others."""
