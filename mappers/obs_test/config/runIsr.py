"""How raws of the test camera are freed of their signature, as a run of its own."""
# ``config`` is the configuration that this file changes.

import os

config.isr.load(os.path.join(os.path.dirname(__file__), "isr.py"))
