"""Where the configuration of a run comes from, and how two are compared."""
