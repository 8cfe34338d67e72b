"""Which fields the slots of a table stand for."""
