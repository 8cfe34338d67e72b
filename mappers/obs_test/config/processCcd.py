"""How the raws of the test camera become calibrated exposures and catalogs."""
# ``config`` is the configuration that this file changes.

# The overscan scatters by 10 electrons, far more than the camera's read noise of 4
config.isr.doEmpiricalReadNoise = True
# There are no master calibrations; the gains take the steps between amplifiers away
config.isr.doBias = False
config.isr.doDark = False
config.isr.doFlat = False
config.isr.doApplyGains = True
config.isr.saturation = 60000.0

# The stars of the simulation are in no reference catalog
config.calibrate.doAstrometry = False
config.calibrate.doPhotoCal = False
