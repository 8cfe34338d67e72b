"""How raws of Hyper Suprime-Cam become calibrated exposures and catalogs."""
# ``config`` is the configuration that this file changes.

import os

from pipelines.isr.subaru import SubaruIsrTask

config.isr.retarget(SubaruIsrTask)
config.isr.load(os.path.join(os.path.dirname(__file__), "hsc", "isr.py"))
config.calibrate.load(os.path.join(os.path.dirname(__file__), "calibrate.py"))
