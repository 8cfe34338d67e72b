"""From Pan-STARRS 1 to the filters of Hyper Suprime-Cam: a table of measured coefficients.

They are those that the HSC pipeline publishes with the configuration of its camera package
(obs_subaru, ``colorterms``), for stars.
"""
# ``config`` is the configuration that this file changes.

from pipelines.photometry.color_terms import ColorTerm, ColorTermSet

# Filter, nearest filter of the catalog, the one that makes the colour, c0, c1, c2
_PAN_STARRS = """
HSC-G   g r  0.005728  0.061749 -0.001125
HSC-R   r i -0.000144  0.001369 -0.008380
HSC-R2  r i -0.000032 -0.002866 -0.012638
HSC-I   i z  0.000643 -0.130078 -0.006855
HSC-I2  i z  0.001625 -0.200406 -0.013666
HSC-Z   z y -0.005362 -0.221551 -0.308279
HSC-Y   y z -0.002055  0.209680  0.227296
IB0945  y z  0.005275 -0.194285 -0.125424
NB0387  g r  0.427879  1.869068  0.540580
NB0400  g r  0.176542  1.127055  0.505502
NB0468  g r -0.042240  0.121756  0.027599
NB0515  g r -0.021913 -0.253159  0.151553
NB0527  g r -0.020641 -0.366167  0.038497
NB0656  r i  0.035655 -0.512046  0.042796
NB0718  i r -0.016294 -0.233139  0.252505
NB0816  i z  0.013806 -0.717681  0.049289
NB0921  z y  0.002039 -0.477412 -0.492151
NB0926  z y  0.005230 -0.574448 -0.330899
NB0973  y z -0.007775 -0.050972 -0.197278
NB1010  y z  0.003607  0.865366  1.271817
"""

_terms = {}
for _line in _PAN_STARRS.split("\n"):
    if _line:
        _name, _primary, _secondary, *_numbers = _line.split()
        _c0, _c1, _c2 = map(float, _numbers)
        _terms[_name] = ColorTerm(primary=_primary, secondary=_secondary, c0=_c0, c1=_c1, c2=_c2)
config.data = {"ps1*": ColorTermSet(data=_terms)}
