"""What columns mean in catalogs that everybody uses; nothing is guessed that could be otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from imaging.reference.column_map import ROLES, Brightness, ColumnMap, ColumnSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["guess_columns"]

_GAIA_ROLES: Final = {
    "id": "source_id",
    "ra": "ra[deg]",
    "dec": "dec[deg]",
    "ra_err": "ra_error[mas]",
    "dec_err": "dec_error[mas]",
    "epoch": "ref_epoch[jyear]",
    "pm_ra": "pmra[mas/yr]",
    "pm_dec": "pmdec[mas/yr]",
    "pm_ra_err": "pmra_error[mas/yr]",
    "pm_dec_err": "pmdec_error[mas/yr]",
    "parallax": "parallax[mas]",
    "parallax_err": "parallax_error[mas]",
}
_GAIA_SIGNS: Final = frozenset({"source_id", "ra", "dec", "ref_epoch", "pmra", "pmdec"})
_GAIA_DR3_EPOCH: Final = 2016.0
# AB zero points of photo-electrons a second: Riello et al. 2021, A&A 649, A3, table of DR3
_GAIA_DR3_ZERO_POINTS: Final = {
    "phot_g_mean": 25.8010,
    "phot_bp_mean": 25.3540,
    "phot_rp_mean": 25.1040,
}
_NJY_ZERO_POINT: Final = 31.4

_PS1_ROLES: Final = {
    "id": "objID",
    "ra": "raMean[deg]",
    "dec": "decMean[deg]",
    "ra_err": "raMeanErr[arcsec]",
    "dec_err": "decMeanErr[arcsec]",
    "epoch": "epochMean[mjd]",
}
_PS1_SIGNS: Final = frozenset({"objid", "ramean", "decmean"})
_PS1_MISSING: Final = -999.0

_STACK_SIGNS: Final = frozenset({"coord_ra", "coord_dec", "id"})
_STACK_UNITS: Final = {"id": "", "epoch": "mjd"}

_POSITIONS: Final = (
    ("ra", "dec"),
    ("raj2000", "dej2000"),
    ("raj2000", "decj2000"),
    ("ra_icrs", "de_icrs"),
    ("ra_j2000", "dec_j2000"),
    ("alpha_j2000", "delta_j2000"),
)
_IDENTIFIERS: Final = ("id", "objid", "source_id")


def guess_columns(
    names: Sequence[str], given: ColumnMap, peek: Callable[[str], object]
) -> tuple[ColumnMap, list[str]]:
    """Return what columns mean, as far as it is beyond doubt, and sentences that say it.

    Parameters
    ----------
    names
        Of all columns.
    given
        What the user has said: it counts, and is not guessed.
    peek
        Returns the first value of a column.
    """
    known = {name.casefold(): name for name in names}
    if len(known) < len(names):  # two names that differ in their case alone
        known = {name: name for name in names}
    is_bright = bool(given.brightnesses)
    if known.keys() >= _GAIA_SIGNS:
        return _of_gaia(known, peek, is_bright=is_bright)
    if known.keys() >= _PS1_SIGNS:
        return _of_ps1(known, is_bright=is_bright)
    if known.keys() >= _STACK_SIGNS:
        return _of_stack(names, is_bright=is_bright)
    return _of_any(known, given, peek)


def _roles(words: Mapping[str, str], known: Mapping[str, str]) -> dict[str, ColumnSource]:
    found = {}
    for word, text in words.items():
        source = ColumnSource.parse(text)
        name = known.get(source.column.casefold())
        if name is not None:
            found[word] = ColumnSource(name, source.unit)
    return found


def _of_gaia(
    known: Mapping[str, str], peek: Callable[[str], object], *, is_bright: bool
) -> tuple[ColumnMap, list[str]]:
    notes = ["These are columns of Gaia: positions, motions and parallaxes are taken as such."]
    found = []
    has_fluxes = any(f"{name}_flux" in known for name in _GAIA_DR3_ZERO_POINTS)
    if has_fluxes and not is_bright:
        if peek(known["ref_epoch"]) == _GAIA_DR3_EPOCH:
            found = [
                _gaia_flux(name, zero_point, known)
                for name, zero_point in _GAIA_DR3_ZERO_POINTS.items()
                if f"{name}_flux" in known
            ]
            notes.append(
                "Their epoch is that of Gaia DR3: its fluxes become nJy by the AB zero points of "
                "Riello et al. (2021)."
            )
        else:
            notes.append(
                "Their epoch is not that of Gaia DR3: say how fluxes become nJy, "
                "--flux 'phot_g_mean_flux[NUMBER nJy]=phot_g_mean'."
            )
    return ColumnMap(_roles(_GAIA_ROLES, known), tuple(found)), notes


def _gaia_flux(name: str, zero_point: float, known: Mapping[str, str]) -> Brightness:
    unit = f"{10 ** (0.4 * (_NJY_ZERO_POINT - zero_point))!r} nJy"
    error = known.get(f"{name}_flux_error")
    return Brightness(
        name,
        ColumnSource(known[f"{name}_flux"], unit),
        None if error is None else ColumnSource(error, unit),
    )


def _of_ps1(known: Mapping[str, str], *, is_bright: bool) -> tuple[ColumnMap, list[str]]:
    found = []
    for band in "grizy":
        magnitude, error = (known.get(f"{band}meanpsfmag{end}") for end in ("", "err"))
        if magnitude is not None and not is_bright:
            found.append(
                Brightness(
                    band,
                    ColumnSource(magnitude, "mag"),
                    None if error is None else ColumnSource(error, "mag"),
                    is_magnitude=True,
                )
            )
    note = "These are columns of Pan-STARRS 1: AB magnitudes, epochs in MJD, -999 for no value."
    return ColumnMap(_roles(_PS1_ROLES, known), tuple(found), (), _PS1_MISSING), [note]


def _of_stack(names: Sequence[str], *, is_bright: bool) -> tuple[ColumnMap, list[str]]:
    roles = {
        word: ColumnSource(role.field, _STACK_UNITS.get(word, role.unit))
        for word, role in ROLES.items()
        if role.field in names
    }
    filters = [name.removesuffix("_flux") for name in names if name.endswith("_flux")]
    found = [
        Brightness(
            name,
            ColumnSource(f"{name}_flux"),
            ColumnSource(f"{name}_fluxErr") if f"{name}_fluxErr" in names else None,
        )
        for name in filters
        if not is_bright
    ]
    note = "These are columns of a reference catalog of the LSST stack: angles in radians."
    return ColumnMap(roles, tuple(found)), [note]


def _of_any(
    known: Mapping[str, str], given: ColumnMap, peek: Callable[[str], object]
) -> tuple[ColumnMap, list[str]]:
    """Look for a position, if there is only one, and for a number of each object."""
    roles: dict[str, ColumnSource] = {}
    pairs = [pair for pair in _POSITIONS if set(pair) <= known.keys()]
    if len(pairs) == 1 and not {"ra", "dec"} & given.roles.keys():
        roles |= {"ra": ColumnSource(known[pairs[0][0]]), "dec": ColumnSource(known[pairs[0][1]])}
    identifiers = [name for name in _IDENTIFIERS if name in known]
    is_number = len(identifiers) == 1 and isinstance(peek(known[identifiers[0]]), int)
    if is_number and "id" not in given.roles:
        roles["id"] = ColumnSource(known[identifiers[0]])
    notes = [f"Taken by its name: {word} = {source}." for word, source in roles.items()]
    if identifiers and not {"id"} & (roles.keys() | given.roles.keys()):
        found = ", ".join(known[name] for name in identifiers)
        why = "holds no integers" if len(identifiers) == 1 else "could be meant: say which by --id"
        notes.append(f"Not taken as identifiers: {found} {why}.")
    return ColumnMap(roles), notes
