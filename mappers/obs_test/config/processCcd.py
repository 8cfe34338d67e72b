"""How the raws of the test camera become calibrated exposures and catalogs."""
# ``config`` is the configuration that this file changes.

import os

config.isr.load(os.path.join(os.path.dirname(__file__), "isr.py"))
config.calibrate.load(os.path.join(os.path.dirname(__file__), "calibrate.py"))
