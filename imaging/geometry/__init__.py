"""Points, boxes and other shapes in pixel coordinates."""
