"""From a characterised exposure to a calibrated one and its catalog."""
