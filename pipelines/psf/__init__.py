"""The PSF: its images at many places, and its measurement from stars."""
