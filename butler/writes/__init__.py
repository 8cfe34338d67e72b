"""How datasets get into a repository and out of it: one, several at once, in place."""
