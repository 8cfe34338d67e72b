"""How raws of Hyper Suprime-Cam are freed of their signature, as a run of its own."""
# ``config`` is the configuration that this file changes.

import os

from pipelines.isr.subaru import SubaruIsrTask

config.isr.retarget(SubaruIsrTask)
config.isr.load(os.path.join(os.path.dirname(__file__), "hsc", "isr.py"))
config.isr.doWrite = True
