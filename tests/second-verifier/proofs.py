"""Proofs of a log: for one leaf, for a batch, of growth, as text; and its tree in tiles."""

import re

import strict
from cbor import SIGN1, decode, encode, many, raw, record, refuse, sha256, tagged, text, uint
from forms import RECEIPT_HEADER, SIZE_MAX, Note, base64_of, is_size, node_hash, verifier_key
from merkle import grown, halves, included, roots, sizes, split
from witness import Policy, believed

# A receipt for a batch -------------------------------------------------------------------------------

BATCH = -65537
PAIR = lambda value: type(value) is list and len(value) == 2 and all(map(uint(64), value))


class Batch:
    """Many leaves under one root: the hashes are of the subtrees that have none of them."""

    def __init__(self, data):
        refuse("too_long", len(data) <= 64 * 1024)
        value = tagged(data, SIGN1)
        self.protected, proofs, payload, self.signature = value
        refuse("malformed", payload is None and raw(64)(self.signature))
        refuse("malformed", type(self.protected) is bytes)
        refuse("malformed", RECEIPT_HEADER(decode(self.protected)))
        one = lambda value: type(value) is list and len(value) == 1 and type(value[0]) is bytes
        refuse("malformed", record({396: record({BATCH: one})})(proofs))
        proof = decode(proofs[396][BATCH][0])
        refuse("malformed", type(proof) is list and len(proof) == 3)
        self.size, self.ranges, self.path = proof
        shapes = uint(64)(self.size) and many(PAIR)(self.ranges) and many(raw(32))(self.path)
        refuse("malformed", shapes and len(self.ranges) <= 4096 and len(self.path) <= 4096)
        self.shape()

    def shape(self):
        refuse("size_too_large", self.size <= SIZE_MAX)
        free = 0
        for start, count in self.ranges:
            refuse("ranges", start >= free and 1 <= count <= 4096 and start + count <= self.size)
            free = start + count + 1  # ranges that touch are one
        self.count = sum(count for _, count in self.ranges)
        refuse("ranges", 1 <= self.count <= 4096)
        self.others = list(self.without(0, self.size))
        refuse("path_length", len(self.path) == len(self.others))
        refuse("empty_path", self.size > 1)

    def without(self, low, high):
        """The subtrees without any of the leaves, from the left."""
        if not any(start < high and low < start + count for start, count in self.ranges):
            yield low, high
        elif high - low > 1:
            middle = low + split(high - low)
            yield from self.without(low, middle)
            yield from self.without(middle, high)

    def receipts(self, key, leaves):
        """The root, and the receipt of each leaf by itself (RFC 9942 §5.2)."""
        refuse("leaf_count", len(leaves) == self.count)
        indices = [start + n for start, count in self.ranges for n in range(count)]
        hashes = dict(zip(self.others, self.path))
        hashes |= {(at, at + 1): sha256(b"\0", leaf) for at, leaf in zip(indices, leaves)}

        def known(low, high):
            if (low, high) not in hashes:
                middle = low + split(high - low)
                hashes[low, high] = node_hash(known(low, middle), known(middle, high))
            return hashes[low, high]

        root = known(0, self.size)
        to_sign = encode(["Signature1", self.protected, b"", root])
        refuse("bad_signature", strict.verify(key, to_sign, self.signature))
        # The header is the log's own: with another key's name the signature would be another.
        for index in indices:
            path = [known(*far) for _, far in halves(index, 0, self.size)][::-1]
            proof = {396: {-1: [encode([self.size, index, path])]}}
            yield root, SIGN1 + encode([self.protected, proof, None, self.signature])


def batch_receipt(given, _):
    batch = Batch(bytes.fromhex(given["receipt"]))
    leaves = [bytes.fromhex(leaf) for leaf in given["leaves"]]
    made = list(batch.receipts(bytes.fromhex(given["key"]), leaves))
    return {
        "size": batch.size, "ranges": batch.ranges, "root": made[0][0].hex(),
        "receipts": [receipt.hex() for _, receipt in made],
    }


# A proof as text (C2SP tlog-proof) -------------------------------------------------------------------


def tlog_proof(given, _):
    policy = Policy.of(given)
    proof = given["proof"]
    refuse("too_long", len(proof.encode()) <= 32 * 1024)
    head, gap, note = proof.partition("\n\n")
    first, *lines = head.split("\n")
    refuse("malformed", gap and first == "c2sp.org/tlog-proof@v1")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = base64_of(lines.pop(0).removeprefix("extra "))
    index = lines.pop(0) if lines else ""
    refuse("malformed", index.startswith("index ") and is_size(index.removeprefix("index ")))
    path = [base64_of(line) for line in lines]
    refuse("malformed", len(path) <= 64 and all(map(raw(32), path)))
    note = Note(note)
    refuse("no_salt", extra is not None and len(extra) == 16)
    leaf = sha256(b"\0", sha256(extra, bytes.fromhex(given["record"])))
    found, root = believed(note, policy)
    index = int(index.removeprefix("index "))
    included(leaf, index, found["size"], path, root)
    return found | {"index": index}


# Two histories of one log ----------------------------------------------------------------------------


def two_histories(given, _):
    data, (name, key) = bytes.fromhex(given["evidence"]), verifier_key(given["key"])
    refuse("too_long", len(data) <= 32 * 1024 + 64 * 40)
    value = decode(data)
    refuse("malformed", type(value) is list and len(value) == 4)
    shapes = uint(8)(value[0]) and text(value[1]) and text(value[2]) and many(raw(32))(value[3])
    refuse("malformed", shapes)
    refuse("unknown_version", value[0] == 1)
    _, start, root = Note(value[1]).verify(name, key)
    _, end, root_end = Note(value[2]).verify(name, key)
    path, whole = value[3], 0 < start < end and start & start - 1 == 0
    # Here the path has its first hash also where the one of a proof begins with the earlier root.
    first = path.pop(0) if whole and path else root_end
    sizes(start, end)
    by_later, reached = roots(start, end, path, first)
    refuse("root_mismatch", start == 0 or reached == root_end)
    refuse("no_contradiction", by_later != root)
    return {"from": start, "to": end, "root_by_later": by_later.hex()}


# Tiles (C2SP tlog-tiles) -----------------------------------------------------------------------------

TILE = re.compile(r"tile/([0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


def tile_name(path):
    """Level, index and width of a tile's path in its one form."""
    match = TILE.fullmatch(path)
    refuse("bad_path", match and not match[2].startswith("x000"))
    level, width = int(match[1]), int(match[3] or 256)
    index = int(match[2].replace("/", "").replace("x", ""))
    refuse("bad_path", match[3] is None or width < 256)
    refuse("bad_path", index * 256 + width <= SIZE_MAX >> 8 * level)
    return level, index, width


class Tiles:
    """Tiles of one tree, each counted once it is proven to be under the root."""

    def __init__(self, size, root, given):
        self.size, self.proven = size, {}
        for level in range(8):
            index, width = divmod(size >> 8 * level, 256)
            if width:
                found = [tile for tile in given if tile[0][:2] == (level, index)]
                found = [tile for tile in found if tile[0][2] >= width]
                refuse("missing", found)
                self.proven[level, index] = self.hashes(*found[0])[:width]
        partial = set(self.proven)
        refuse("other_root", (self.subtree(0, size) if size else sha256()) == root)
        for name, data in sorted(given, key=lambda tile: -tile[0][0]):
            if name[:2] not in partial:
                self.add(name, data)

    def hashes(self, name, data):
        refuse("length", len(data) == 32 * name[2])
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    def add(self, name, data):
        level, index, width = name
        above = 8 * (level + 1)
        refuse("not_in_tree", width == 256 and level < 7 and index < self.size >> above)
        hashes = self.hashes(name, data)
        refuse("other_hash", tree(hashes) == self.subtree(index << above, index + 1 << above))
        self.proven[level, index] = hashes

    def subtree(self, low, high):
        """The hash over some leaves, out of the tiles."""
        count = high - low
        if count & count - 1 or low % count:
            middle = low + split(count)
            return node_hash(self.subtree(low, middle), self.subtree(middle, high))
        level, height = divmod(count.bit_length() - 1, 8)
        index, start = divmod(low >> 8 * level, 256)
        hashes = self.proven.get((level, index), [])[start : start + (1 << height)]
        refuse("missing", len(hashes) == 1 << height)
        return tree(hashes)


def tree(hashes):
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def tiles(given, _):
    name, key = verifier_key(given["key"])
    _, size, root = Note(given["note"]).verify(name, key)
    read = [tile.rpartition(" ") for tile in given["tiles"]]
    named = [(tile_name(path), bytes.fromhex(data)) for path, _, data in read]
    found = Tiles(size, root, named)
    path = [found.subtree(*far).hex() for _, far in halves(given["index"], 0, size)]
    return path[::-1]


def unhexed(given, *names):
    value = lambda raw: [bytes.fromhex(one) for one in raw] if type(raw) is list else (
        bytes.fromhex(raw) if type(raw) is str else raw
    )
    return [value(given[name]) for name in names]


FORMS = {
    "batch-receipt": batch_receipt,
    "consistency": lambda given, _: grown(
        *unhexed(given, "from", "to", "path", "root_from", "root_to")
    ),
    "inclusion": lambda given, _: included(
        *unhexed(given, "leaf", "index", "size", "path", "root")
    ),
    "tiles": tiles,
    "tlog-proof": tlog_proof,
    "two-histories": two_histories,
}
