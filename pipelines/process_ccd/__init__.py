"""From a raw to a calibrated exposure and its catalog."""
