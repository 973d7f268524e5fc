"""The forms, each by itself: trust, cards, certificates, events, rosters, tickets, notes, receipts."""

import base64
import binascii
import json
import re

import strict
from cbor import (
    EDDSA, SIGN1, MultiSigned, Refused, Sign1, below, decode, encode, exactly, key_id, many, raw,
    raw_up_to, record, refuse, sha256, shaped, sint, tagged, text, uint, versioned,
)

ISSUER, DEVICE_CA, LOG, WITNESS, STATUS, RULES = range(6)
SIZE_MAX = 1 << 62
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# Unicode's White_Space; Python's str.strip would also take four control characters.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + (
    "\u2028\u2029\u202f\u205f\u3000"
)


def base45(body, code="malformed"):
    """RFC 9285, its one encoding."""
    digits = [BASE45.find(character) for character in body]
    refuse(code, -1 not in digits and len(digits) % 3 != 1)
    out = b""
    for at in range(0, len(digits), 3):
        group = digits[at : at + 3]
        number = sum(digit * 45**place for place, digit in enumerate(group))
        refuse(code, number < 256 ** (len(group) - 1))
        out += number.to_bytes(len(group) - 1, "big")
    return out


def base64_of(value, code="malformed"):
    """RFC 4648 §4 with padding, its one encoding."""
    refuse(code, type(value) is str and value.isascii())
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Refused(code) from None
    refuse(code, base64.b64encode(data).decode() == value)
    return data


# Trust ---------------------------------------------------------------------------------------------


def trust_roots(data):
    """Returns (threshold, keys)."""
    refuse("malformed", len(data) <= 1024)
    value = shaped(data, record({0: uint(32), 1: many(raw(32))}))
    threshold, keys = value[0], value[1]
    refuse("weak_key", all(strict.is_key(key) for key in keys))
    refuse("bad_threshold", 1 <= threshold <= len(set(keys)))
    refuse("malformed", keys == sorted(set(keys)))
    return threshold, keys


ENTRY = record({0: raw(32), 1: below(6), 2: text, 3: sint, 4: sint})


class TrustList:
    def __init__(self, data, roots, highest_seen=0):
        threshold, keys = roots
        refuse("malformed", len(data) <= 64 * 1024)
        envelope = MultiSigned(data)
        value = shaped(envelope.payload, record({0: uint(32), 1: sint, 2: many(ENTRY)}, {3: uint(16)}))
        self.version, self.entries = value[0], value[2]
        signed = envelope.count(keys, "qatysu/trust/1")
        refuse("not_enough_signatures", signed >= threshold)
        refuse("rolled_back", self.version >= highest_seen)
        refuse("weak_key", all(strict.is_key(entry[0]) for entry in self.entries))
        quorum = value.get(3)
        witnesses = {entry[0] for entry in self.entries if entry[1] == WITNESS}
        refuse("bad_quorum", quorum is None or 1 <= quorum <= len(witnesses))

    def keys(self, role, kid, now_s=None, scope=None):
        """The keys of a role with this id; without a time, whenever they held."""
        return [
            entry[0] for entry in self.entries
            if entry[1] == role and key_id(entry[0]) == kid
            and (now_s is None or entry[3] <= now_s <= entry[4])
            and (scope is None or entry[2] == scope)
        ]

    def log_keys(self, origin):
        return [entry[0] for entry in self.entries if entry[1] == LOG and entry[2] == origin]


# Card, certificate, roster, ticket -----------------------------------------------------------------

COSE_KEY = record({1: exactly(1), -1: exactly(6), -2: lambda x: raw(32)(x) and strict.is_key(x)})
CLAIMS = record(
    {4: uint(32), 7: raw(8), -1: raw(12), -2: raw(8), -3: uint(32)},
    {8: record({1: COSE_KEY})},
)


def card(scanned, trust, now_s):
    scanned = scanned.strip(SPACE)
    if not scanned.startswith("OB1:"):
        other = len(scanned) > 3 and scanned[:2] == "OB" and scanned[2] in "0123456789"
        raise Refused("unknown_version" if other and scanned[3] == ":" else "foreign")
    refuse("malformed", len(scanned) <= 2000)
    return held_card(read_card(base45(scanned[4:])), trust, now_s)


def read_card(data):
    """The envelope and its claims, before verification."""
    envelope = Sign1(data)
    return envelope, shaped(envelope.payload, CLAIMS)


def held_card(read, trust, now_s):
    envelope, claims = read
    envelope.by_any(trust.keys(ISSUER, envelope.kid, now_s), "qatysu/card/1")
    refuse("expired", now_s < claims[4])
    return claims


def logged_card(data, trust, origin):
    """A card in a log: by an issuer for the log's district, whenever its key held."""
    envelope = Sign1(data)
    claims = shaped(envelope.payload, CLAIMS)
    envelope.by_any(trust.keys(ISSUER, envelope.kid, scope=origin), "qatysu/card/1")
    return claims


TEACHER, PARENT, COORDINATOR, PROVIDER_ADMIN, DELEGATE, ISSUER_HEAD = range(6)
CERTIFICATE = record(
    {0: uint(8), 1: raw(8), 2: raw(32), 3: below(6), 5: many(raw(8)), 6: many(raw(12)),
     7: sint, 8: sint, 9: text},
    {4: raw(8)},
)


def certificate(data, trust, now_s=None):
    refuse("malformed", len(data) <= 16 * 1024)
    envelope = Sign1(data)
    value = versioned(envelope.payload, CERTIFICATE)
    refuse("wrong_key", strict.is_key(value[2]) and sha256(value[2])[:8] == value[1])
    envelope.by_any(trust.keys(DEVICE_CA, envelope.kid, now_s), "qatysu/certificate/1")
    refuse("not_yet_valid", now_s is None or now_s >= value[7])
    refuse("expired", now_s is None or now_s <= value[8])
    return value


REVOCATION = record({0: raw(8), 1: sint, 2: uint(64), 3: below(5)}, {4: raw(8)})
REVOCATIONS = record({0: uint(32), 1: many(REVOCATION)})


def revocations(data, trust):
    refuse("malformed", len(data) <= 64 * 1024)
    envelope = Sign1(data)
    value = shaped(envelope.payload, REVOCATIONS)
    envelope.by_any(trust.keys(DEVICE_CA, envelope.kid), "qatysu/revocations/1")
    devices = {entry[0] for entry in value[1]}
    refuse("contradiction", value[0] == len(value[1]) == len(devices))


def window(value):
    """Five minutes: open before, close after, scan early, scan late, late."""
    return many(uint(32))(value) and len(value) == 5


def dated_window(value):
    """From when on, and what it is then."""
    return type(value) is list and len(value) == 2 and sint(value[0]) and window(value[1])


ROSTER = record({
    0: uint(32),
    1: many(record({0: raw(8), 1: text})),
    2: many(record({0: raw(8), 1: raw(8), 2: text})),
    3: many(record({0: raw(8), 1: raw(8), 2: sint, 3: sint})),
    4: many(record({0: raw(12), 1: text, 2: raw(8), 3: raw(8), 4: raw(8)}, {5: raw(32)})),
    5: window,
}, {6: many(dated_window)})


def roster(data, trust, now_s, at_ms=None):
    """The window at a moment: the last dated one whose day has come, else the one without a date."""
    envelope = Sign1(data)
    payload = envelope.by_any(trust.keys(RULES, envelope.kid, now_s), "qatysu/roster/1")
    value = shaped(payload, ROSTER)
    if at_ms is None:
        return None
    come = [dated[1] for dated in value.get(6, []) if dated[0] <= at_ms]
    return come[-1] if come else value[5]


def ticket(scanned):
    scanned = scanned.strip(SPACE)
    refuse("foreign", scanned.startswith("OE1:"))
    refuse("malformed", len(scanned[4:].encode()) <= 280)
    return shaped(base45(scanned[4:]), record({0: text, 1: raw(16), 2: raw(32)}, {3: raw(32)}))


# Events and chains ---------------------------------------------------------------------------------

def geohash(value):
    """A cell of some 5 km: five characters of the geohash alphabet."""
    return text(value) and len(value) == 5 and set(value) <= set("0123456789bcdefghjkmnpqrstuvwxyz")


def kind(value):
    return uint(8)(value) and (value < 19 or 20 <= value < 31)


EVENT = record(
    {0: uint(8), 1: raw(8), 2: uint(64), 3: raw(32), 4: kind, 5: sint, 6: uint(64), 7: raw(8)},
    {8: raw(12), 9: raw(8), 10: raw(8), 11: raw(8), 12: below(5), 13: raw(32), 14: below(5),
     15: raw(32), 16: uint(32), 17: sint, 18: text, 19: geohash, 20: raw_up_to(320), 21: below(5),
     22: raw(32), 23: uint(16), 24: raw_up_to(256),
     25: raw(8), 26: below(5), 27: raw(32), 28: below(2), 29: below(5), 30: below(4), 31: sint,
     32: raw(8), 33: uint(32), 34: below(4), 35: below(5), 36: raw(32), 37: below(17)},
)


def unverified_event(data):
    refuse("malformed", len(data) <= 4096)
    envelope = Sign1(data)
    event = versioned(envelope.payload, EVENT)
    refuse("malformed", event[2] < (1 << 64) - 1)
    return envelope, event


def event(data, key):
    envelope, value = unverified_event(data)
    refuse("wrong_device", value[1] == sha256(key)[:8] and envelope.kid == key_id(key))
    refuse("bad_signature", envelope.signed_by(key, "qatysu/event/1"))
    return value


class Chain:
    """Where a device's history continues."""

    def __init__(self, key):
        self.seq, self.prev = 0, sha256(b"qatysu/chain/1", key)

    def follow(self, data, value):
        refuse("gap", value[2] <= self.seq)
        refuse("fork", value[2] >= self.seq)
        refuse("prev_mismatch", value[3] == self.prev)
        self.seq, self.prev = value[2] + 1, sha256(data)


def chain(events, key):
    head = Chain(key)
    for data in events:
        head.follow(data, event(data, key))


# Tags ----------------------------------------------------------------------------------------------


def tag(key, leaf):
    return sha256(b"qatysu/tag/1", key, leaf.to_bytes(8, "big"))[:8]


def tags_of_leaves(value):
    """Eight bytes for each of 1 to 4096 leaves."""
    return type(value) is bytes and len(value) % 8 == 0 and 1 <= len(value) // 8 <= 4096


def second_tag(value):
    return type(value) is list and len(value) == 2 and uint(64)(value[0]) and raw(8)(value[1])


TAG_LIST = record({0: uint(8), 1: uint(64), 2: tags_of_leaves, 3: many(second_tag)})


class TagList:
    """The tags of a run of leaves, signed by the log."""

    def __init__(self, data, keys):
        value = versioned(Sign1(data).by_any(keys, "qatysu/tags/1"), TAG_LIST)
        self.first, self.next = value[1], value[1] + len(value[2]) // 8
        self.tags = [value[2][at : at + 8] for at in range(0, len(value[2]), 8)]
        self.also = value[3]
        refuse("outside", self.next < 1 << 64)
        places = [leaf for leaf, _ in self.also]
        refuse("outside", all(self.first <= leaf < self.next for leaf in places))
        refuse("order", all(a < b for a, b in zip(places, places[1:])))

    def names(self, leaf, key):
        if not self.first <= leaf < self.next:
            return False
        expected = tag(key, leaf)
        return self.tags[leaf - self.first] == expected or [leaf, expected] in self.also

    def is_made_with(self, nobody, keys):
        """`keys` gives those of the children that each leaf is about, two at most."""
        tags, also = [], []
        for leaf in range(self.first, self.next):
            own = keys(leaf)
            tags.append(tag(own[0] if own else nobody, leaf))
            also += [[leaf, tag(key, leaf)] for key in own[1:]]
        return tags == self.tags and also == self.also


def tag_list(data, keys, first, leaf, key, about):
    """As a parent's device takes a list: it goes on where the one before ended."""
    found = TagList(data, keys)
    refuse("gap", found.first == first)
    refuse("ahead", found.next <= leaf)
    refuse("not_named", found.names(about, key))


# The log -------------------------------------------------------------------------------------------


def leaf_hash(salt, data):
    return sha256(b"\x00", sha256(salt, data))


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def tree_root(hashes):
    """RFC 6962 §2.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(tree_root(hashes[:split]), tree_root(hashes[split:]))


def root_of_path(leaf, index, size, path):
    """RFC 6962 §2.1.1 read backwards: descend to the leaf, then hash upwards. None if it cannot be."""
    if not 0 <= index < size <= SIZE_MAX:
        return None
    sides, low, high = [], 0, size
    while high - low > 1:
        split = low + (1 << (high - low - 1).bit_length() - 1)
        sides.append(index < split)
        low, high = (low, split) if index < split else (split, high)
    if len(sides) != len(path):
        return None
    for sibling, left in zip(path, reversed(sides)):
        leaf = node_hash(leaf, sibling) if left else node_hash(sibling, leaf)
    return leaf


def is_name(name):
    bad = lambda c: c == "+" or c < " " or c in SPACE
    return bool(name) and not any(map(bad, name))


LOG_TYPE, WITNESS_TYPE = b"\x01", b"\x04"  # what a key's signatures are, in its hash


def note_key_hash(name, key, kind=LOG_TYPE):
    return sha256(name.encode(), b"\n", kind, key)[:4]


def verifier_key(value, kind=LOG_TYPE):
    """`name+hash+base64` of C2SP signed-note."""
    parts = value.split("+", 2)
    refuse("bad_key", len(parts) == 3 and is_name(parts[0]) and len(value.encode()) <= 16 * 1024)
    name, key = parts[0], base64_of(parts[2], "bad_key")
    refuse("bad_key", key[:1] == kind and strict.is_key(key[1:]))
    refuse("bad_key", note_key_hash(name, key[1:], kind).hex() == parts[1])
    return name, key[1:]


def is_size(text):
    """A decimal number that a log can have as its size, in its one form."""
    digits = text.isascii() and text.isdigit() and len(text) < 20
    return digits and str(int(text)) == text and int(text) <= SIZE_MAX


class Note:
    """C2SP signed-note."""

    def __init__(self, note):
        refuse("too_long", len(note.encode()) <= 16 * 1024)
        refuse("malformed", not any(c < " " and c != "\n" for c in note))
        body, gap, lines = note.rpartition("\n\n")
        refuse("malformed", gap and lines.endswith("\n"))
        self.text, self.lines = body + "\n", []
        for line in lines[:-1].split("\n"):
            refuse("too_many_signatures", len(self.lines) < 64)
            name, space, encoded = line.removeprefix("\u2014 ").partition(" ")
            refuse("malformed", line.startswith("\u2014 ") and space and is_name(name))
            data = base64_of(encoded)
            refuse("malformed", len(data) > 4)
            self.lines.append((name, data[:4], data[4:]))

    def checkpoint(self):
        """C2SP tlog-checkpoint: origin, size and root, before verification."""
        refuse("not_a_checkpoint", self.text.endswith("\n"))
        lines = self.text[:-1].split("\n")
        refuse("not_a_checkpoint", len(lines) >= 3 and is_name(lines[0]) and all(lines[3:]))
        refuse("not_a_checkpoint", is_size(lines[1]))
        root = base64_of(lines[2], "not_a_checkpoint")
        refuse("not_a_checkpoint", len(root) == 32)
        return lines[0], int(lines[1]), root

    def verify(self, name, key):
        """Every line by this key must match, and there must be one."""
        mine = (name, note_key_hash(name, key))
        own = [signature for *who, signature in self.lines if tuple(who) == mine]
        good = all(strict.verify(key, self.text.encode(), signature) for signature in own)
        refuse("bad_signature", good)
        refuse("not_signed", own)
        found = self.checkpoint()
        refuse("other_origin", found[0] == name)
        return found


def checkpoint_of_log(note, trust):
    """The checkpoint, and the key of the trust list that signed it."""
    note = Note(note)
    origin = note.checkpoint()[0]
    for key in trust.log_keys(origin):
        try:
            return note.verify(origin, key), key
        except Refused:
            continue
    raise Refused("unknown_key")


RECEIPT_HEADER = record({1: exactly(EDDSA), 4: raw(4), 395: exactly(1)})


class Receipt:
    """RFC 9942 §5.2, our profile."""

    def __init__(self, data):
        refuse("receipt", len(data) <= 2560)
        value = tagged(data, SIGN1, "receipt")
        refuse("receipt", value[2] is None)
        self.protected, proofs, _, self.signature = value
        refuse("receipt", type(self.protected) is bytes and raw(64)(self.signature))
        shaped(self.protected, RECEIPT_HEADER, "receipt")
        one = many(lambda proof: type(proof) is bytes)
        shape = record({396: record({-1: lambda value: one(value) and len(value) == 1})})
        refuse("receipt", shape(proofs))
        proof = decode(proofs[396][-1][0], "receipt")
        refuse("receipt", type(proof) is list and len(proof) == 3)
        self.size, self.index, self.path = proof
        refuse("receipt", uint(64)(self.size) and uint(64)(self.index) and many(raw(32))(self.path))
        refuse("receipt", 1 <= len(self.path) <= 64)

    def root(self, key, leaf):
        """The root that the log signed, if this leaf leads to it."""
        root = root_of_path(leaf, self.index, self.size, self.path)
        refuse("receipt", root is not None)
        to_sign = encode(["Signature1", self.protected, b"", root])
        refuse("receipt", strict.verify(key, to_sign, self.signature))
        return root


def json_object(source, fields, code, optional=frozenset()):
    """A JSON object with exactly these fields and perhaps the optional ones, none of them twice."""

    def once(pairs):
        refuse(code, len(dict(pairs)) == len(pairs))
        return dict(pairs)

    try:
        value = json.loads(source, object_pairs_hook=once)
    except ValueError:
        raise Refused(code) from None
    refuse(code, type(value) is dict and fields <= value.keys() <= fields | optional)
    return value


class check:
    """Names the check that a refusal inside belongs to."""

    def __init__(self, code):
        self.code = code

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and issubclass(kind, Refused):
            raise Refused(self.code) from None


RECEIPT_FIELDS = {"format", "event", "certificate", "salt", "receipt", "checkpoint"}


def grew(before, after, path):
    """Tells whether a log of (size, root) before can be that of after: RFC 9162, 2.1.4.2."""
    (first, first_root), (second, second_root) = before, after
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second:
        return False
    if first & (first - 1) == 0:
        path = [first_root, *path]
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    earlier = later = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            earlier, later = node_hash(sibling, earlier), node_hash(sibling, later)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            later = node_hash(later, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and (earlier, later) == (first_root, second_root)


def hash_of_hex(text):
    refuse("witnesses", type(text) is str and re.fullmatch("[0-9a-f]{64}", text))
    return bytes.fromhex(text)


def grown_later(later, origin, reached, trust):
    """Follows the log from a receipt's checkpoint to a later one, which witnesses saw."""
    refuse("witnesses", type(later) is dict and later.keys() == {"steps", "checkpoint"})
    refuse("witnesses", type(later["steps"]) is list and type(later["checkpoint"]) is str)
    for step in later["steps"]:
        refuse("witnesses", type(step) is dict and step.keys() == {"size", "root", "path"})
        refuse("witnesses", type(step["size"]) is int and type(step["path"]) is list)
        after = step["size"], hash_of_hex(step["root"])
        refuse("witnesses", grew(reached, after, [hash_of_hex(one) for one in step["path"]]))
        reached = after
    with check("checkpoint"):
        signed, _ = checkpoint_of_log(later["checkpoint"], trust)
    refuse("witnesses", signed == (origin, *reached))


def receipt_file(source, trust):
    file = json_object(source, RECEIPT_FIELDS, "file", {"witnessed"})
    later = file.pop("witnessed", None)
    refuse("file", all(type(value) is str for value in file.values()))
    names = ("event", "certificate", "salt", "receipt")
    data, paper, salt, receipt = (base64_of(file[name], "file") for name in names)
    refuse("file", file["format"] == "qatysu-receipt/1")
    with check("device_certificate"):
        key = certificate(paper, trust)[2]
    with check("event_signature"):
        event(data, key)
    with check("checkpoint"):
        (origin, size, root), log_key = checkpoint_of_log(file["checkpoint"], trust)
    refuse("file", len(salt) == 16)
    receipt = Receipt(receipt)
    proven = receipt.root(log_key, leaf_hash(salt, data))
    refuse("place_in_the_log", (receipt.size, proven) == (size, root))
    if later is not None:
        grown_later(later, origin, (size, root), trust)
