"""How raws of Hyper Suprime-Cam are freed of their signature: see `SubaruIsrTask`."""
# ``config`` is the configuration that this file changes.

config.overscan.fitType = "AKIMA_SPLINE"
config.overscan.order = 30
config.doSuspect = True
config.doBias = True
config.doVariance = True
# The camera's description has the read noise in ADU, and one set of gains for all years
config.doEmpiricalReadNoise = True
config.gainSource = "header"
config.doLinearize = True
config.doCrosstalk = True
config.doDefect = True
config.doBrighterFatter = True
config.doDark = True
config.doFlat = True
config.doFringe = True
config.fringe.filters = ["y", "N921", "N926", "N973", "N1010"]
config.doWrite = False  # a task above goes on with the image
