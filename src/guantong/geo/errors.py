"""Refusals of a map that cannot be used."""

from guantong.base.errors import GuantongError


class MapUnreadable(GuantongError):
    """The file named by ``GUANTONG_MAP`` is missing or is not GeoJSON."""

    code = "map-unreadable"


class MapFeatureRefused(GuantongError):
    """One feature of the replacement map has no usable code, name or shape."""

    code = "map-feature-refused"


class MapTierAbsent(GuantongError):
    """The map in use holds no boundary of the tier asked for."""

    code = "map-tier-absent"
