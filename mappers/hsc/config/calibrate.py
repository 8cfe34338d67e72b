"""How exposures of Hyper Suprime-Cam are calibrated."""
# ``config`` is the configuration that this file changes.

import os

config.astromRefObjLoader.ref_dataset_name = "ps1_pv3_3pi_20170110"
config.photoRefObjLoader.ref_dataset_name = "ps1_pv3_3pi_20170110"
config.photoCal.colorterms.load(os.path.join(os.path.dirname(__file__), "colorterms.py"))
