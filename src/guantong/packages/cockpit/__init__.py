"""The leader's page (驾驶舱) that a package declares, as one value for page and stream alike.

It shows figures, levels, the storm and what changed last, all cut to one reader and one area.
It decides nothing, stores nothing and draws nothing: asked twice, it answers the same unless a
row or the clock of the realm changed in between.

``area`` which rows of a reader lie in a place · ``levels`` counties, alerts, league ·
``track`` the storm and its history · ``state`` all of it together.
"""
