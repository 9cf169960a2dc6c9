"""The Merkle tree of RFC 6962 over stored digests: roots and proofs, and how the tree grows.

Pure. What is stored are *tiles*: rows of up to 256 digests that lie one behind the other. Tile
``n`` of level 0 holds the digests of the leaves from ``256 n``; each complete tile has its root
in the level above. So a tree of ten million leaves is forty thousand rows, a proof reads a few
of them, and a batch rewrites the last tile of each level only.
"""

from collections.abc import Callable, Iterator

from guantong.audit.suite import DIGEST_BYTES, Suite

HEIGHT = 8
WIDTH = 1 << HEIGHT  # digests of a complete tile
TILE_BYTES = WIDTH * DIGEST_BYTES

Address = tuple[int, int]


class TileMissing(Exception):
    """A tile that the tree needs is not there, or is too short."""


ReadTile = Callable[[int, int], bytes]


class Tree:
    """A tree whose tiles are read when a root or a proof needs them."""

    def __init__(self, suite: Suite, read: ReadTile) -> None:
        self._suite = suite
        self._read = read

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` leaves (RFC 6962, section 2.1)."""
        return self._over(0, size) if size else self._suite.digest(b"")

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the path from leaf ``index`` (from 0) to the root over ``size`` (2.1.1)."""
        return self._path(index, 0, size)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the tree of ``size`` continues that of ``old`` (2.1.2)."""
        return self._subproof(old, 0, size, whole=True)

    def pieces(self, first: int, last: int) -> Iterator[tuple[int, bytes]]:
        """Yield height and root of the complete subtrees that cover [first, last), in order."""
        while first < last:
            height = (last - first).bit_length() - 1
            if first:
                height = min(height, (first & -first).bit_length() - 1)
            yield height, self._complete(height, first >> height)
            first += 1 << height

    def _complete(self, height: int, index: int) -> bytes:
        """Return the root of the complete subtree of ``2 ** height`` leaves with that index."""
        level, above = divmod(height, HEIGHT)
        tile, at = divmod(index << above, WIDTH)
        row = self._read(level, tile)
        part = row[at * DIGEST_BYTES : (at + (1 << above)) * DIGEST_BYTES]
        if len(part) != DIGEST_BYTES << above:
            raise TileMissing(f"{level}/{tile}")
        return self._suite.fold(part)

    def _over(self, first: int, last: int) -> bytes:
        count = last - first
        left = _left(count)
        if count == left:
            return self._complete(count.bit_length() - 1, first // count)
        return self._suite.node(self._over(first, first + left), self._over(first + left, last))

    def _path(self, index: int, first: int, last: int) -> list[bytes]:
        if last - first == 1:
            return []
        middle = first + _half(last - first)
        if index < middle:
            return [*self._path(index, first, middle), self._over(middle, last)]
        return [*self._path(index, middle, last), self._over(first, middle)]

    def _subproof(self, old: int, first: int, last: int, *, whole: bool) -> list[bytes]:
        if old == last:
            return [] if whole else [self._over(first, last)]
        middle = first + _half(last - first)
        if old <= middle:
            return [*self._subproof(old, first, middle, whole=whole), self._over(middle, last)]
        return [*self._subproof(old, middle, last, whole=False), self._over(first, middle)]


def _left(count: int) -> int:
    """Return the greatest power of two that is not above ``count``."""
    return 1 << (count.bit_length() - 1)


def _half(count: int) -> int:
    """Return the greatest power of two below ``count``: where RFC 6962 parts the leaves."""
    return _left(count - 1)


def grow(suite: Suite, read: ReadTile, size: int, digests: bytes) -> dict[Address, bytes]:
    """Return the tiles that change when leaves with these digests follow the first ``size``."""
    changed: dict[Address, bytes] = {}
    level = 0
    while digests:
        index, held = divmod(size >> (HEIGHT * level), WIDTH)
        data = (read(level, index)[: held * DIGEST_BYTES] if held else b"") + digests
        roots = []
        for at in range(0, len(data), TILE_BYTES):
            tile = data[at : at + TILE_BYTES]
            changed[level, index + at // TILE_BYTES] = tile
            if len(tile) == TILE_BYTES:
                roots.append(suite.fold(tile))
        digests = b"".join(roots)
        level += 1
    return changed
