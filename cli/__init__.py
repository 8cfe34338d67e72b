"""The ``butler`` command: one module for each verb, no logic of its own."""
