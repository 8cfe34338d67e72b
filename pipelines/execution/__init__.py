"""Running a task over many data IDs: what is to be done, by whom, and what came of it."""
