"""What the mixins of Gen2 spellings need of exposures and their parts."""
# ruff: noqa: D101, D102 - members are described where they are defined

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from astropy.coordinates import Angle, SkyCoord

    from imaging.geometry.box import Box
    from imaging.geometry.origin import Origin
    from imaging.image.image import Image
    from imaging.image.mask import Mask
    from imaging.image.masked_image import MaskedImage

__all__ = [
    "AirState",
    "Cuttable",
    "Informed",
    "Label",
    "PixelParts",
    "Readable",
    "Site",
    "Situated",
    "Undecoded",
    "Visit",
    "Weathered",
]

_Size_contra = TypeVar("_Size_contra", contravariant=True)
_Part = TypeVar("_Part")
_Part_co = TypeVar("_Part_co", covariant=True)
_Place_contra = TypeVar("_Place_contra", contravariant=True)
_Result_co = TypeVar("_Result_co", covariant=True)


class Label(Protocol):
    @property
    def band(self) -> str | None: ...
    @property
    def physical(self) -> str | None: ...
    @property
    def name(self) -> str: ...


class Site(Protocol):
    @property
    def longitude(self) -> Angle: ...
    @property
    def latitude(self) -> Angle: ...
    @property
    def elevation_m(self) -> float: ...


class AirState(Protocol):
    @property
    def air_temperature_c(self) -> float: ...
    @property
    def air_pressure_pa(self) -> float: ...
    @property
    def humidity_percent(self) -> float: ...


class Visit(Protocol):
    @property
    def exposure_id(self) -> int | None: ...
    @property
    def exposure_time_s(self) -> float: ...
    @property
    def dark_time_s(self) -> float: ...
    @property
    def date_avg_ns(self) -> int | None: ...
    @property
    def ut1_mjd(self) -> float: ...
    @property
    def era(self) -> Angle: ...
    @property
    def local_era(self) -> Angle: ...
    @property
    def boresight_radec(self) -> SkyCoord: ...
    @property
    def boresight_azalt(self) -> SkyCoord: ...
    @property
    def boresight_airmass(self) -> float: ...
    @property
    def boresight_rotation(self) -> Angle: ...
    @property
    def boresight_hour_angle(self) -> Angle: ...
    @property
    def boresight_parallactic_angle(self) -> Angle: ...
    @property
    def rotation_type(self) -> str: ...
    @property
    def instrument_label(self) -> str: ...
    @property
    def id(self) -> int | None: ...
    @property
    def focus_z_mm(self) -> float: ...
    @property
    def observation_type(self) -> str: ...
    @property
    def science_program(self) -> str: ...
    @property
    def observation_reason(self) -> str: ...
    @property
    def object(self) -> str: ...
    @property
    def has_simulated_content(self) -> bool: ...


class Situated(Protocol[_Part_co]):
    @property
    def observatory(self) -> _Part_co: ...


class Weathered(Protocol[_Part_co]):
    @property
    def weather(self) -> _Part_co: ...


class PixelParts(Protocol):
    masked_image: MaskedImage

    @property
    def image(self) -> Image: ...
    @property
    def mask(self) -> Mask: ...
    @property
    def variance(self) -> Image: ...


class Informed(Protocol[_Part]):
    info: _Part


class Undecoded(Protocol):
    @property
    def undecoded(self) -> Mapping[str, str]: ...


class Cuttable(Protocol[_Place_contra, _Size_contra, _Result_co]):
    def get_cutout(self, center: _Place_contra, size: _Size_contra) -> _Result_co: ...


class Readable(Protocol[_Result_co]):
    @classmethod
    def read_fits(
        cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> _Result_co: ...
