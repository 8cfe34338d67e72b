"""What the repository knows about its data: the database, and the language that asks it."""
