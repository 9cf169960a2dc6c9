"""Rising levels of danger, as the signals of a package name them; "none" is below them all."""

# The colours of the national warning signals (China Meteorological Administration order no. 16
# of 2007, art. 5): Ⅳ general, Ⅲ rather grave, Ⅱ grave, Ⅰ especially grave.
LEVELS = ("none", "blue", "yellow", "orange", "red")


def rank(level: str | None) -> int:
    """Return how high ``level`` stands; what is no level stands with "none"."""
    return LEVELS.index(level) if level in LEVELS else 0
