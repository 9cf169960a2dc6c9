"""The tree is that of RFC 6962: the same roots and proofs as other implementations have."""

import hashlib
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency

from guantong.audit import verifier
from guantong.audit.suite import INTERNATIONAL, NATIONAL, Suite
from guantong.audit.tree import Address, TileMissing, Tree, grow

SUITES = pytest.mark.parametrize("suite", [INTERNATIONAL, NATIONAL], ids=lambda s: s.name)

# The leaves and the roots of Certificate Transparency's own tests (merkle_tree_test, and RFC 9162's
# reference vectors): the root over the first n leaves, for n from 1.
CT_LEAVES = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def planted(suite: Suite, leaves: list[bytes], *, batches: int = 1) -> Tree:
    """Return the tree over ``leaves``, grown in so many batches."""
    tiles: dict[Address, bytes] = {}

    def read(level: int, index: int) -> bytes:
        return tiles[level, index]

    step = max(1, -(-len(leaves) // batches))
    for first in range(0, len(leaves), step):
        digests = b"".join(suite.leaf(leaf) for leaf in leaves[first : first + step])
        tiles |= grow(suite, read, first, digests)
    return Tree(suite, lambda level, index: tiles.get((level, index), b""))


@cache
def numbered(count: int) -> list[bytes]:
    return [f"leaf {n}".encode() for n in range(count)]


def test_the_roots_are_those_of_certificate_transparency() -> None:
    leaves = [bytes.fromhex(leaf) for leaf in CT_LEAVES]

    tree = planted(INTERNATIONAL, leaves)

    assert [tree.root(n).hex() for n in range(1, 9)] == list(CT_ROOTS)


def test_an_empty_tree_has_the_digest_of_nothing_as_its_root() -> None:
    # RFC 6962, section 2.1.
    assert planted(INTERNATIONAL, []).root(0) == hashlib.sha256().digest()


@SUITES
def test_a_leaf_and_an_inner_node_can_never_be_taken_for_each_other(suite: Suite) -> None:
    assert suite.leaf(bytes(64)) != suite.node(bytes(32), bytes(32))


def test_the_paths_are_those_of_the_example_of_the_standard() -> None:
    # RFC 6962, section 2.1.3: the tree of seven leaves, drawn with its nodes.
    leaves = numbered(7)
    h, node = INTERNATIONAL.leaf, INTERNATIONAL.node
    a, b, c, d, e, f, j = (h(leaf) for leaf in leaves)
    g, hh, i = node(a, b), node(c, d), node(e, f)
    k, l_ = node(g, hh), node(i, j)

    tree = planted(INTERNATIONAL, leaves)

    assert tree.inclusion(0, 7) == [b, hh, l_]
    assert tree.inclusion(3, 7) == [c, g, l_]
    assert tree.inclusion(4, 7) == [f, j, k]
    assert tree.inclusion(6, 7) == [i, k]
    assert tree.consistency(3, 7) == [c, d, g, l_]
    assert tree.consistency(4, 7) == [l_]
    assert tree.consistency(6, 7) == [i, j, k]


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 700), data=st.data())
def test_root_inclusion_and_consistency_agree_with_another_implementation(
    size: int, data: st.DataObject
) -> None:
    leaves = numbered(size)
    index, old = data.draw(st.integers(1, size)), data.draw(st.integers(1, size))
    other = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        other.append_entry(leaf)

    tree = planted(INTERNATIONAL, leaves, batches=data.draw(st.integers(1, 5)))

    assert tree.root(size) == other.get_root(size)
    # Theirs counts from one, holds the leaf itself, and goes from left to right.
    theirs = set(other.prove_inclusion(index, size).serialize()["path"])
    path = {node.hex() for node in tree.inclusion(index - 1, size)}
    assert path | {INTERNATIONAL.leaf(leaves[index - 1]).hex()} == theirs
    # Its proof of consistency has a form of its own; it convinces itself of our two roots.
    verify_consistency(tree.root(old), tree.root(size), other.prove_consistency(old, size))


@SUITES
@settings(deadline=None, max_examples=40)
@given(size=st.integers(1, 2000), data=st.data())
def test_every_proof_convinces_the_verifier_that_shares_no_code_with_us(
    suite: Suite, size: int, data: st.DataObject
) -> None:
    leaves = numbered(size)
    tree, h = planted(suite, leaves), verifier.hasher(suite.hash_name)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))

    path, steps = tree.inclusion(index, size), tree.consistency(old, size)

    assert verifier.root_of(h, leaves[index], index + 1, size, path) == tree.root(size)
    assert verifier.continues(h, old, tree.root(old), size, tree.root(size), steps)


@settings(deadline=None, max_examples=60)
@given(size=st.integers(2, 600), data=st.data())
def test_no_proof_convinces_for_another_leaf_place_size_or_path(
    size: int, data: st.DataObject
) -> None:
    leaves = numbered(size)
    tree, h = planted(INTERNATIONAL, leaves), verifier.hasher("SHA-256")
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    root, path = tree.root(size), tree.inclusion(index, size)
    at = data.draw(st.integers(0, len(path) - 1))
    bent = [*path[:at], bytes([path[at][0] ^ 1]) + path[at][1:], *path[at + 1 :]]

    assert verifier.root_of(h, leaves[other], index + 1, size, path) != root
    assert verifier.root_of(h, leaves[index], other + 1, size, path) != root
    assert verifier.root_of(h, leaves[index], index + 1, size, bent) != root
    assert verifier.root_of(h, leaves[index], index + 1, size, path[:-1]) != root
    assert verifier.root_of(h, leaves[index], index + 1, size, [*path, root]) != root
    assert verifier.root_of(h, leaves[index], size + 1, size, path) != root


@settings(deadline=None, max_examples=60)
@given(size=st.integers(2, 600), data=st.data())
def test_a_log_that_was_rewritten_is_no_continuation(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    tree, h = planted(INTERNATIONAL, leaves), verifier.hasher("SHA-256")
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    forged = planted(INTERNATIONAL, [*leaves[:changed], b"forged", *leaves[changed + 1 :]])

    steps = forged.consistency(old, size)

    assert not verifier.continues(h, old, tree.root(old), size, forged.root(size), steps)


@SUITES
@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_000])
def test_a_tree_grown_leaf_by_batch_is_the_tree_grown_at_once_at_every_edge_of_a_tile(
    suite: Suite, size: int
) -> None:
    leaves = numbered(66_000)[:size]

    assert planted(suite, leaves, batches=7).root(size) == planted(suite, leaves).root(size)


def test_an_old_root_is_still_there_when_the_tree_has_grown() -> None:
    small, large = planted(INTERNATIONAL, numbered(300)), planted(INTERNATIONAL, numbered(1000))

    assert large.root(300) == small.root(300)


def test_the_pieces_of_a_range_are_whole_subtrees_in_order() -> None:
    tree = planted(INTERNATIONAL, numbered(700))

    heights = [height for height, _ in tree.pieces(5, 700)]

    assert sum(1 << height for height in heights) == 695
    assert heights == [0, 1, 3, 4, 5, 6, 7, 8, 7, 5, 4, 3, 2]
    assert list(tree.pieces(700, 700)) == []


def test_a_tree_without_its_tiles_says_so_and_gives_no_root() -> None:
    with pytest.raises(TileMissing, match="0/0"):
        Tree(INTERNATIONAL, lambda level, index: b"").root(3)
