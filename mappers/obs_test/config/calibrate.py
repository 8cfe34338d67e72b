"""How exposures of the test camera are calibrated."""
# ``config`` is the configuration that this file changes.

# The stars of the simulation are in no reference catalog
config.doAstrometry = False
config.doPhotoCal = False
