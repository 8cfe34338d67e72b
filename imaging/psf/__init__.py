"""Point-spread functions: models, how they vary over an image, and their files."""
