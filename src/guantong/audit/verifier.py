#!/usr/bin/env python3
# mypy: ignore-errors
# ruff: noqa: D103, E501, PTH123 - it stands alone, for any Python 3.9
"""Verify proofs, exports and heads of a Guantong audit log (核验贯通日志的证明) without Guantong.

    python3 verify.py [--key KEYS] FILE       KEYS: the public keys, which came to you another way

FILE is a proof of a record, a proof of consistency, an export, or a signed head. Exit 0: it holds; 1: it
does not; 2: it cannot be read. Python 3.9 and its standard library are all this needs. The tree is RFC
6962, a head a C2SP signed note with Ed25519 (RFC 8032), or with SM2 over SM3 (GB/T 32918, 32905).

The proofs alone (tree, head, what is verified) are about 145 lines. The rest is what a stranger would else
have to install or be told: two curves that Python does not bring (75), every answer in two languages (45),
reading files (30). Shorter would mean to trust a library that we name, or to prove less.
"""

import base64
import hashlib
import json
import os
import sys

WORDS = {
    "proof": ("成立：这份记录的 {leaves} 条留痕都在日志中（日志共 {size} 条，{at}，{name}）。",
              "Holds: all {leaves} leaves of this record are in the log ({size} leaves, {at}, {name})."),
    "consistency": ("成立：{size} 条的日志原样延续了 {old} 条时的日志（{at}，{name}）。",
                    "Holds: the log of {size} leaves continues that of {old} unchanged ({at}, {name})."),
    "export": ("成立：导出的第 {first} 至 {size} 条（其中 {bare} 条只有摘要）与签名的日志头一致（{at}，{name}）。",
               "Holds: leaves {first} to {size} of the export ({bare} of them as digests only) agree with the signed head"
               " ({at}, {name})."),
    "head": ("成立：日志头签名有效，共 {size} 条（{at}，{name}）。",
             "Holds: the head is signed, over {size} leaves ({at}, {name})."),
    "trust": ("注意：公钥取自文件本身，只能说明文件前后一致，不能说明出自谁手。请用 --key 指定另行取得的公钥。",
              "CAUTION: the key was taken from the file itself. That shows that the file agrees with itself,"
              " not who made it. Name keys that came to you another way with --key."),
    "signature": ("不成立：日志头的签名与公钥不符，日志头被改动过，或出自他人。",
                  "Does not hold: no key signed this head. The head was altered, or somebody else made it."),
    "leaf": ("不成立：第 {place} 条留痕不在签名的日志中，留痕、位置或路径被改动过。",
             "Does not hold: leaf {place} is not in the signed log. The leaf, its place or its path was altered."),
    "other": ("不成立：第 {place} 条留痕说的是别的记录。",
              "Does not hold: leaf {place} tells of another record."),
    "old": ("不成立：现在的日志不是旧日志的延续，旧的留痕被改动或删去过。",
            "Does not hold: the log does not continue the old one. Leaves were altered or removed."),
    "root": ("不成立：到第 {place} 条为止，导出的留痕与签名的日志头不符。",
             "Does not hold: up to leaf {place} the export does not agree with the signed head."),
    "read": ("无法读取：{why}", "Cannot be read: {why}"),
}  # fmt: skip


class Wrong(Exception):
    """What was verified does not hold."""


def tell(sentence):
    sys.stdout.write(f"{sentence}\n")


def worded(key, **facts):
    spoken = (
        os.environ.get("GUANTONG_LANGUAGE")
        or os.environ.get("LC_ALL")
        or os.environ.get("LANG", "")
    )
    return WORDS[key][not spoken.startswith("zh")].format(**facts)


# --- the tree (RFC 6962, section 2.1)


def hasher(name):
    kind = {"SHA-256": "sha256", "SM3": "sm3"}[name]
    return lambda data: hashlib.new(kind, data).digest()


def root_of(h, data, place, size, path):
    """The root that a leaf at ``place`` (from 1) gives with its path (RFC 9162, section 2.1.3.2)."""
    at, last, found = place - 1, size - 1, h(b"\0" + data)
    for node in path:
        if at & 1 or at == last:
            found = h(b"\1" + node + found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = h(b"\1" + found + node)
        at, last = at >> 1, last >> 1
    return found if last == 0 and 0 < place <= size else b""


def continues(h, old_size, old_root, size, root, path):
    """Whether the tree of ``size`` continues that of ``old_size`` (RFC 9162, section 2.1.4.2)."""
    if old_size == size:
        return old_root == root and not path
    at, last, path = old_size - 1, size - 1, list(path)
    while at & 1:
        at, last = at >> 1, last >> 1
    if at:
        old = new = path.pop(0)
    else:
        old = new = old_root
    for node in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = h(b"\1" + node + old), h(b"\1" + node + new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = h(b"\1" + new + node)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == root


def push(h, stack, height, digest):
    """Put a complete subtree to the right of what is there."""
    stack.append((height, digest))
    while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
        (height, right), (_, left) = stack.pop(), stack.pop()
        stack.append((height + 1, h(b"\1" + left + right)))


def fold(h, stack):
    found = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        found = h(b"\1" + left + found)
    return found


# --- signatures


def ed25519(public, data, signature):
    """Whether Ed25519 signed the data (RFC 8032, section 5.1.7), in affine coordinates."""
    p, q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, -1, p) % p

    def add(a, b):
        k = d * a[0] * b[0] * a[1] * b[1]
        return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + k, -1, p) % p,
                (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, p) % p)  # fmt: skip

    def point(data):
        y = int.from_bytes(data, "little")
        sign, y = y >> 255, y & (1 << 255) - 1
        xx = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        x = pow(xx, (p + 3) // 8, p)
        x = x if x * x % p == xx else x * pow(2, (p - 1) // 4, p) % p
        if y >= p or x * x % p != xx or (x == 0 and sign):
            raise ValueError("no point")
        return (x if x & 1 == sign else p - x), y

    try:
        a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    except ValueError:
        return False
    base = point(bytes([88] + [102] * 31))
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % q
    return (
        len(signature) == 64
        and s < q
        and times(add, (0, 1), base, s) == add(r, times(add, (0, 1), a, k))
    )


def sm2(public, data, signature):
    """Whether SM2 signed the data (GB/T 32918.2, section 7.1), with the usual name of the signer."""
    p = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
    n = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    b = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
    g = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
         0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)  # fmt: skip
    h, key = hasher("SM3"), (int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big"))

    def add(a, c):
        if a is None or c is None:
            return a or c
        if a[0] == c[0] and (a[1] + c[1]) % p == 0:
            return None
        k = (
            (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, p)
            if a == c
            else (c[1] - a[1]) * pow(c[0] - a[0], -1, p)
        )
        x = (k * k - a[0] - c[0]) % p
        return x, (k * (a[0] - x) - a[1]) % p

    r_end = 4 + signature[3]  # DER: 30 len 02 len r 02 len s
    r, s = int.from_bytes(signature[4:r_end], "big"), int.from_bytes(signature[r_end + 2 :], "big")
    if (key[1] ** 2 - key[0] ** 3 + 3 * key[0] - b) % p or not 0 < r < n or not 0 < s < n:
        return False
    who = b"1234567812345678"
    fixed = b"".join(v.to_bytes(32, "big") for v in (p - 3, b, *g, *key))
    e = int.from_bytes(h(h((len(who) * 8).to_bytes(2, "big") + who + fixed) + data), "big")
    found = add(times(add, None, g, s), times(add, None, key, (r + s) % n))
    return found is not None and (e + found[0]) % n == r


def times(add, zero, point, n):
    found = zero
    while n:
        found, point, n = add(found, point) if n & 1 else found, add(point, point), n >> 1
    return found


# --- what is verified


def head(note, keys):
    """The size, root, time and digest of a head that one of the keys signed."""
    text, _, below = note.partition("\n\n")
    name, size, root, at, digest = text.split("\n")
    lines = [line.split(" ") for line in below.splitlines()]
    signatures = [base64.b64decode(line[2]) for line in lines if line[:2] == ["—", name]]
    for line in keys:
        owner, id, encoded = line.strip().split("+", 2)
        key = base64.b64decode(encoded)
        check, public = (ed25519, key[1:]) if key[0] == 1 else (sm2, key[4:])
        for given in signatures:
            if (
                owner == name
                and given[:4].hex() == id
                and check(public, (text + "\n").encode(), given[4:])
            ):
                return {
                    "name": name,
                    "size": int(size),
                    "root": base64.b64decode(root),
                    "at": at,
                    "h": hasher(digest),
                }
    raise Wrong(worded("signature"))


def decoded(path):
    return [base64.b64decode(node) for node in path]


def proof(file, keys):
    top = head(file["head"], keys)
    for leaf in file["leaves"]:
        data, place = leaf["leaf"].encode(), leaf["place"]
        if root_of(top["h"], data, place, top["size"], decoded(leaf["path"])) != top["root"]:
            raise Wrong(worded("leaf", place=place))
        told = json.loads(data)
        if (told["kind"], told["object_id"]) != (file["record"]["kind"], file["record"]["id"]):
            raise Wrong(worded("other", place=place))
        tell(json.dumps([place, told["at"], told["actor"], told["act"]], ensure_ascii=False))
    return worded("proof", leaves=len(file["leaves"]), **top)


def consistency(file, keys):
    old, top = head(file["old"], keys), head(file["head"], keys)
    path = decoded(file["path"])
    if old["name"] != top["name"] or not continues(
        top["h"], old["size"], old["root"], top["size"], top["root"], path
    ):
        raise Wrong(worded("old"))
    return worded("consistency", old=old["size"], **top)


def export(first_line, lines, keys):
    top, stack, place, bare = head(first_line["head"], keys), [], first_line["first"] - 1, 0
    h = top["h"]
    for height, digest in first_line["left"]:
        push(h, stack, height, base64.b64decode(digest))
    for line in lines:
        entry = json.loads(line)
        if "head" in entry:
            kept = head(entry["head"], keys)
            if kept["size"] != place or fold(h, stack) != kept["root"]:
                raise Wrong(worded("root", place=place))
            continue
        place += 1
        digest = (
            h(b"\0" + base64.b64decode(entry["leaf"]))
            if "leaf" in entry
            else base64.b64decode(entry["digest"])
        )
        if entry["place"] != place or digest != base64.b64decode(entry["digest"]):
            raise Wrong(worded("root", place=place))
        push(h, stack, 0, digest)
        bare += "leaf" not in entry
    for height, digest in first_line["right"]:
        push(h, stack, height, base64.b64decode(digest))
    if sum(1 << height for height, _ in stack) != top["size"] or fold(h, stack) != top["root"]:
        raise Wrong(worded("root", place=place))
    return worded("export", **{**top, "first": first_line["first"], "size": place, "bare": bare})


def main(given):
    try:
        pinned = None
        if given[:1] == ["--key"]:
            with open(given[1], encoding="utf-8") as file:
                pinned = file.read().split()
            given = given[2:]
        (path,) = given
        with open(path, encoding="utf-8") as lines:
            begin = lines.readline()
            if begin.startswith('{"format": "guantong-export/'):
                begin = json.loads(begin)
                told, keys = export(begin, lines, pinned or begin["keys"]), pinned
            elif begin.startswith("{"):
                file = json.loads(begin + lines.read())
                verify = {"guantong-proof/1": proof, "guantong-consistency/1": consistency}[
                    file["format"]
                ]
                told, keys = verify(file, pinned or file["keys"]), pinned
            else:
                told, keys = worded("head", **head(begin + lines.read(), pinned or [])), pinned
    except Wrong as wrong:
        tell(wrong)
        return 1
    except (OSError, ValueError, KeyError, IndexError, TypeError) as fault:
        tell(worded("read", why=f"{type(fault).__name__}: {fault}") if given else __doc__)
        return 2
    tell(told if keys else told + "\n" + worded("trust"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
