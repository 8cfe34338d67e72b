"""What is known about an observation: when, where to, from where, in which weather."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

import numpy as np

from imaging.dates.times import (
    nanoseconds_from_text,
    text_from_nanoseconds,
    time_from_nanoseconds,
)
from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.exposure.gen2_names import ObservatoryNames, VisitInfoNames, WeatherNames
from imaging.fits.cards import Card
from imaging.fits.metadata import Metadata
from imaging.fits.persisted import decoding, describe
from imaging.fits.rows import Rows

if TYPE_CHECKING:
    from astropy.coordinates import Angle, SkyCoord
    from astropy.time import Time

__all__ = ["Observatory", "RotationType", "VisitInfo", "Weather"]

RotationType: TypeAlias = Literal["UNKNOWN", "SKY", "HORIZON", "MOUNT"]

_KIND = "VisitInfo"
_NAN = math.nan
_UNSET_NS = 1_000_000  # unset dates were written as the beginning of 1970, to some microseconds

_CARDS = (  # attribute, card, comment
    ("exposure_id", "EXPID", "identifier of this exposure of one detector"),
    ("exposure_time_s", "EXPTIME", "[s] time the shutter was open"),
    ("dark_time_s", "DARKTIME", "[s] time from reset to readout"),
    ("ut1_mjd", "MJD-AVG-UT1", "[d] UT1 at the middle of the exposure"),
    ("era_deg", "AVG-ERA", "[deg] Earth rotation angle then"),
    ("boresight_ra_deg", "BORE-RA", "[deg] ICRS right ascension of the boresight"),
    ("boresight_dec_deg", "BORE-DEC", "[deg] ICRS declination of the boresight"),
    ("boresight_azimuth_deg", "BORE-AZ", "[deg] azimuth of the boresight, refracted"),
    ("boresight_altitude_deg", "BORE-ALT", "[deg] altitude of the boresight, refracted"),
    ("boresight_airmass", "BORE-AIRMASS", "airmass at the boresight"),
    ("boresight_rotation_deg", "BORE-ROTANG", "[deg] rotation angle at the boresight"),
    ("rotation_type", "ROTTYPE", "what that angle is of"),
    ("longitude_deg", "OBS-LONG", "[deg] longitude of the telescope, east positive"),
    ("latitude_deg", "OBS-LAT", "[deg] latitude of the telescope"),
    ("elevation_m", "OBS-ELEV", "[m] height of the telescope"),
    ("air_temperature_c", "AIRTEMP", "[C] temperature outside"),
    ("air_pressure_pa", "AIRPRESS", "[Pa] air pressure outside"),
    ("humidity_percent", "HUMIDITY", "relative humidity outside, per cent"),
    ("instrument_label", "INSTRUMENT", "short name of the instrument"),
    ("id", "IDNUM", "identifier of the exposure of all detectors"),
    ("focus_z_mm", "FOCUSZ", "[mm] distance from focus"),
    ("observation_type", "OBSTYPE", "science, flat, bias, ..."),
    ("science_program", "PROGRAM", "survey or proposal"),
    ("observation_reason", "REASON", "why it was taken"),
    ("object", "OBJECT", "target or field"),
    ("has_simulated_content", "HAS-SIMULATED-CONTENT", "whether any part is simulated"),
)
_OF_THE_STACK = ("BORE-AIRMASS", "BORE-RA", "DATE-AVG", "ROTTYPE")
_INTEGERS = frozenset({"exposure_id", "id", "date_avg_ns"})
_TEXTS = frozenset(
    {
        "instrument_label",
        "object",
        "observation_reason",
        "observation_type",
        "rotation_type",
        "science_program",
    }
)


class _Values:
    """Compares field by field; two NaN are equal."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            object.__setattr__(self, field.name, _checked(field.name, getattr(self, field.name)))

    def _astuple(self) -> tuple[object, ...]:
        """Return the values, NaN as one and the same object, which is equal to itself."""
        values = (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]
        return tuple(
            _NAN if isinstance(value, float) and math.isnan(value) else value for value in values
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._astuple() == other._astuple()

    def __hash__(self) -> int:
        return hash(self._astuple())


def _checked(name: str, value: object) -> object:
    """Return a value of the type that a field has."""
    if isinstance(value, _Values) or (value is None and name in _INTEGERS):
        return value
    if name in _TEXTS:
        if not isinstance(value, str):
            raise ParameterTypeError(f"{name} is a text, not {value!r}.")
        return value.rstrip(" \0")
    if name == "has_simulated_content":
        return bool(value)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ParameterTypeError(f"{name} is a number, not {value!r}.")
    if name in _INTEGERS:
        if int(value) != value or not -(2**63) <= value < 2**63:
            raise ParameterValueError(f"{name} is an integer of 64 bits, not {value!r}.")
        return int(value)
    return float(value)


@dataclass(frozen=True, slots=True, eq=False)
class Observatory(_Values, ObservatoryNames):
    """Where a telescope stands; NaN for what is not known.

    Parameters
    ----------
    longitude_deg
        East of Greenwich positive, in degrees.
    latitude_deg
        North positive, in degrees.
    elevation_m
        Height in metres.
    """

    longitude_deg: float = _NAN
    latitude_deg: float = _NAN
    elevation_m: float = _NAN

    @property
    def longitude(self) -> Angle:
        """East of Greenwich positive."""
        return _angle(self.longitude_deg)

    @property
    def latitude(self) -> Angle:
        """North positive."""
        return _angle(self.latitude_deg)


@dataclass(frozen=True, slots=True, eq=False)
class Weather(_Values, WeatherNames):
    """The air outside; NaN for what is not known.

    Parameters
    ----------
    air_temperature_c
        In degrees Celsius.
    air_pressure_pa
        In pascal.
    humidity_percent
        Relative humidity in per cent.
    """

    air_temperature_c: float = _NAN
    air_pressure_pa: float = _NAN
    humidity_percent: float = _NAN


@dataclass(frozen=True, slots=True, eq=False)
class VisitInfo(_Values, VisitInfoNames):
    """One observation; NaN, None and empty texts for what is not known.

    Parameters
    ----------
    exposure_id
        Identifier of the exposure of one detector.
    exposure_time_s, dark_time_s
        How long the shutter was open, and the time from reset to readout, in
        seconds.
    date_avg_ns
        The middle of the exposure: nanoseconds of TAI since 1970.
    ut1_mjd, era_deg
        The same instant as UT1 (modified Julian date), and the Earth rotation
        angle in degrees.
    boresight_ra_deg, boresight_dec_deg
        Where the telescope looked: ICRS, in degrees.
    boresight_azimuth_deg, boresight_altitude_deg
        The same as seen in the air, in degrees.
    boresight_airmass
        At the boresight.
    boresight_rotation_deg, rotation_type
        Angle of the instrument in degrees, and what it is measured from.
    observatory, weather
        The place and the air.
    instrument_label
        Short name of the instrument.
    id
        Identifier of the exposure of all detectors.
    focus_z_mm
        Distance from focus in millimetres.
    observation_type, science_program, observation_reason, object
        What it was taken as, for whom, why, and of what.
    has_simulated_content
        Whether any part is simulated.

    Raises
    ------
    ParameterTypeError
        If a value is of the wrong type.
    ParameterValueError
        If an identifier does not fit into 64 bits, or there is no such type
        of rotation.
    """

    exposure_id: int | None = None
    exposure_time_s: float = _NAN
    dark_time_s: float = _NAN
    date_avg_ns: int | None = None
    ut1_mjd: float = _NAN
    era_deg: float = _NAN
    boresight_ra_deg: float = _NAN
    boresight_dec_deg: float = _NAN
    boresight_azimuth_deg: float = _NAN
    boresight_altitude_deg: float = _NAN
    boresight_airmass: float = _NAN
    boresight_rotation_deg: float = _NAN
    rotation_type: RotationType = "UNKNOWN"
    observatory: Observatory = Observatory()
    weather: Weather = Weather()
    instrument_label: str = ""
    id: int | None = None
    focus_z_mm: float = _NAN
    observation_type: str = ""
    science_program: str = ""
    observation_reason: str = ""
    object: str = ""
    has_simulated_content: bool = False

    def __post_init__(self) -> None:
        _Values.__post_init__(self)
        if self.rotation_type not in get_args(RotationType):
            known = ", ".join(get_args(RotationType))
            raise ParameterValueError(f"rotation_type={self.rotation_type!r}: choose of {known}.")

    @property
    def date_avg(self) -> Time | None:
        """The middle of the exposure in TAI, None if not known."""
        return None if self.date_avg_ns is None else time_from_nanoseconds(self.date_avg_ns)

    @property
    def date_avg_text(self) -> str:
        """The middle of the exposure in TAI, in ISO form; empty if not known."""
        return "" if self.date_avg_ns is None else text_from_nanoseconds(self.date_avg_ns)

    @property
    def era(self) -> Angle:
        """Earth rotation angle."""
        return _angle(self.era_deg)

    @property
    def boresight_radec(self) -> SkyCoord:
        """Where the telescope looked, ICRS."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(self.boresight_ra_deg, self.boresight_dec_deg, unit="deg", frame="icrs")

    @property
    def boresight_azalt(self) -> SkyCoord:
        """Where the telescope looked, as azimuth and altitude."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(
            az=self.boresight_azimuth_deg,
            alt=self.boresight_altitude_deg,
            unit="deg",
            frame="altaz",
        )

    @property
    def boresight_rotation(self) -> Angle:
        """Angle of the instrument."""
        return _angle(self.boresight_rotation_deg)

    @property
    def local_era(self) -> Angle:
        """Earth rotation angle at the observatory: that of Greenwich and the longitude."""
        return _angle(self.era_deg + self.observatory.longitude_deg)

    @property
    def boresight_parallactic_angle(self) -> Angle:
        """Angle at the boresight from north through east to the zenith."""
        hour, dec, lat = map(
            math.radians,
            (
                self.era_deg + self.observatory.longitude_deg - self.boresight_ra_deg,
                self.boresight_dec_deg,
                self.observatory.latitude_deg,
            ),
        )
        north = math.sin(lat) * math.cos(dec) - math.cos(lat) * math.sin(dec) * math.cos(hour)
        return _angle(math.degrees(math.atan2(math.cos(lat) * math.sin(hour), north)))

    @property
    def boresight_hour_angle(self) -> Angle:
        """Hour angle of the boresight, from the Earth rotation angle."""
        return _angle(self.era_deg + self.observatory.longitude_deg - self.boresight_ra_deg)

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> VisitInfo:
        """Return what the cards of the LSST stack's exposures say.

        Parameters
        ----------
        metadata
            A header. Cards that are absent, or hold something else than they
            should, are as if not known. ``DATE-AVG`` is in the scale that
            ``TIMESYS`` names, UTC by default; the older ``TIME-MID`` is UTC.
            The longitude of a raw of NOAO (``OBSERVAT``) counts to the west,
            and is not taken.
        """
        found = {name: _from_card(name, metadata.get(card)) for name, card, _ in _CARDS}
        if "OBSERVAT" in metadata and not any(card in metadata for card in _OF_THE_STACK):
            found["longitude_deg"] = None
        rotation = str(found["rotation_type"]).upper()
        found["rotation_type"] = rotation if rotation in get_args(RotationType) else None
        return _assembled({**found, "date_avg_ns": _date(metadata)})

    def to_metadata(self) -> Metadata:
        """Return what is known as cards, for other tools; not ASCII becomes a question mark."""
        values = _flat(self)
        cards = []
        for name, card, comment in _CARDS:
            value = values[name]
            if isinstance(value, str):
                value = value.encode("ascii", "replace").decode()
                value = "".join(letter if letter.isprintable() else "?" for letter in value)
            known = math.isfinite(value) if isinstance(value, float) else value not in {None, ""}
            if known:
                cards.append(Card(card, value, comment))
            if name == "dark_time_s" and self.date_avg_ns is not None:
                cards.append(Card("DATE-AVG", self.date_avg_text, "middle of the exposure"))
                cards.append(Card("TIMESYS", "TAI", "time scale of DATE-AVG"))
        return Metadata(cards)

    def to_rows(self) -> Rows:
        """Return the observation as a table of one row, without loss."""
        kinds: list[tuple[str, str]] = []
        row: list[object] = []
        for name, value in _flat(self).items():
            if name in _INTEGERS:
                kinds += [(name, "i8"), (f"has_{name}", "?")]
                row += [value or 0, value is not None]
            elif isinstance(value, str):
                text = value.encode()
                kinds.append((name, f"S{len(text) or 1}"))
                row.append(text)
            else:
                kinds.append((name, "?" if isinstance(value, bool) else "f8"))
                row.append(value)
        return describe(Rows(np.array([tuple(row)], kinds)), _KIND, 1)

    @classmethod
    def from_rows(cls, rows: Rows, path: str = "table") -> VisitInfo:
        """Return the observation that `to_rows` wrote; see `imaging.fits.persisted.decoding`."""
        with decoding(rows, _KIND, path, "visit info"):
            known = [name for name in _flat(cls()) if name in rows.names]
            row = rows.array[0]
            values = {name: _from_column(row[name]) for name in known}
            values |= {n: None for n in _INTEGERS.intersection(known) if not row[f"has_{n}"]}
            return _assembled(values)


def _angle(degrees: float) -> Angle:
    from astropy.coordinates import Angle

    return Angle(degrees, unit="deg")


def _from_column(value: object) -> object:
    return value.decode() if isinstance(value, bytes) else cast("np.generic", value).item()


def _from_card(name: str, value: object) -> object:
    """Return what a card says, None where that is nothing of use."""
    if name in _TEXTS:
        return value if isinstance(value, str) else None
    if name == "has_simulated_content":
        return value if isinstance(value, bool) else None
    if isinstance(value, str):  # old files have EXPTIME in quotes
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if name in _INTEGERS and not (isinstance(value, int) and -(2**63) <= value < 2**63):
        return None
    return value


def _date(metadata: Metadata) -> int | None:
    average, middle = metadata.get("DATE-AVG"), metadata.get("TIME-MID")
    if isinstance(average, str):
        return nanoseconds_from_text(average, str(metadata.get("TIMESYS", "UTC")).strip())
    nanoseconds = nanoseconds_from_text(middle, "UTC") if isinstance(middle, str) else None
    return None if nanoseconds is None or abs(nanoseconds) < _UNSET_NS else nanoseconds


def _flat(info: VisitInfo) -> dict[str, str | float | int | None]:
    """Return all values by the names of their fields, also those of place and air."""
    flat: dict[str, str | float | int | None] = {}
    for field in fields(info):
        value = getattr(info, field.name)
        if isinstance(value, Observatory | Weather):
            flat |= {part.name: getattr(value, part.name) for part in fields(value)}
        else:
            flat[field.name] = value
    return flat


def _assembled(values: dict[str, object]) -> VisitInfo:
    """Return an observation from flat values; None for what is not known."""
    known = {name: value for name, value in values.items() if value is not None}
    nested = {
        name: kind(**{f.name: known.pop(f.name) for f in fields(kind) if f.name in known})  # type: ignore[arg-type]
        for name, kind in (("observatory", Observatory), ("weather", Weather))
    }
    return VisitInfo(**known, **nested)  # type: ignore[arg-type]  # checked by __post_init__
