"""How the raws of the test camera are freed of their signature: see `IsrTask`."""
# ``config`` is the configuration that this file changes.

# The overscan scatters by 10 electrons, far more than the camera's read noise of 4
config.doEmpiricalReadNoise = True
# There are no master calibrations; the gains take the steps between amplifiers away
config.doBias = False
config.doDark = False
config.doFlat = False
config.doApplyGains = True
config.saturation = 60000.0
