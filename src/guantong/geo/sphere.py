"""Distance along a great circle. Good to about 0.5 %, which a storm's centre is not known to."""

import math

# Mean radius R1 = (2a + b) / 3 = 6 371 008.7714 m of the GRS 80 ellipsoid: H. Moritz, "Geodetic
# Reference System 1980", Bulletin Géodésique 54:3 (1980).
EARTH_RADIUS_KM = 6371.0088


def distance_km(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the kilometres between two points given in degrees."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    # Haversine: the plain arc cosine loses all digits for points close together.
    h = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))
