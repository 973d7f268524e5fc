"""Signed envelopes in deterministic CBOR: COSE_Sign1 and COSE_Sign (RFC 8949 §4.2, RFC 9052)."""

import hashlib

import cbor2

import strict


class Refused(Exception):
    """A refusal; its first argument is the stable code, its second what is answered with it."""


def refuse(code, unless):
    if not unless:
        raise Refused(code)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_id(key):
    return sha256(key)[:4]


def encode(value):
    return cbor2.dumps(value, canonical=True)


def decode(data, code="malformed"):
    """The value of bytes that are its one encoding: written again, they must be the same."""
    try:
        value = cbor2.loads(data)
        same = encode(value) == data
    except Exception:  # whatever a decoder makes of hostile bytes, they are refused
        raise Refused(code) from None
    refuse(code, same)
    return value


# Shapes: a function that says whether a value has it. `bool` is no number here, and a decoded
# bignum or tag is not of type `int` or does not survive being written again.


def uint(bits):
    return lambda value: type(value) is int and 0 <= value < 1 << bits


def sint(value):
    return type(value) is int and -(1 << 63) <= value < 1 << 63


def below(end):
    return lambda value: type(value) is int and 0 <= value < end


def exactly(number):
    return lambda value: type(value) is int and value == number


def raw(length):
    return lambda value: type(value) is bytes and len(value) == length


def raw_up_to(most):
    return lambda value: type(value) is bytes and 1 <= len(value) <= most


def text(value):
    return type(value) is str


def many(shape):
    return lambda value: type(value) is list and all(shape(item) for item in value)


def record(needed, optional=None):
    """A map with these numbered fields and no other."""
    optional = optional or {}
    shapes = needed | optional

    def has(value):
        if type(value) is not dict or not all(type(key) is int for key in value):
            return False
        known = needed.keys() <= value.keys() <= shapes.keys()
        return known and all(shapes[key](value[key]) for key in value)

    has.shapes = shapes
    return has


def shaped(data, shape, code="malformed"):
    value = decode(data, code)
    refuse(code, shape(value))
    return value


def tagged(data, tag, code="malformed"):
    """The array of four under a tag, which is taken off by hand: the library freezes what is in it."""
    refuse(code, data[: len(tag)] == tag)
    value = decode(data[len(tag) :], code)
    refuse(code, type(value) is list and len(value) == 4)
    return value


def head(data, at):
    """Major type, argument and next place of the data item at `at`; None if there is none."""
    if at >= len(data):
        return None
    major, info = data[at] >> 5, data[at] & 31
    if info < 24:
        return major, info, at + 1
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info)
    if size is None or at + 1 + size > len(data):
        return None
    return major, int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def leading_version(payload):
    """Field 0 of a map, where formats keep their number; a newer one need not decode as ours."""
    opened = head(payload, 0)
    if opened is None or opened[0] != 5:
        return None
    field = head(payload, opened[2])
    if field is None or field[:2] != (0, 0):
        return None
    version = head(payload, field[2])
    return version[1] if version is not None and version[0] == 0 else None


def versioned(payload, shape):
    refuse("unknown_version", leading_version(payload) in (None, 1))
    return shaped(payload, shape)


SIGN1, SIGN = bytes([0xC0 | 18]), bytes([0xD8, 98])  # tags 18 and 98
EDDSA = -19  # Ed25519, fully specified (RFC 9864)
PROTECTED = record({1: exactly(EDDSA), 4: raw(4)})


class Sign1:
    """An envelope of our profile: tag 18, header {1: -19, 4: kid}, nothing unprotected."""

    def __init__(self, data):
        value = tagged(data, SIGN1)
        refuse("malformed", value[1] == {})
        self.protected, _, self.payload, self.signature = value
        shapes = type(self.protected) is bytes and type(self.payload) is bytes
        refuse("malformed", shapes and raw(64)(self.signature))
        self.kid = shaped(self.protected, PROTECTED)[4]

    def signed_by(self, key, domain):
        """The domain enters as external data and is not sent (RFC 9052 §4.4)."""
        to_sign = ["Signature1", self.protected, domain.encode(), self.payload]
        return strict.verify(key, encode(to_sign), self.signature)

    def by_any(self, keys, domain):
        """Every key with the id is tried; having none to try is another refusal."""
        self.signer(keys, domain)
        return self.payload

    def signer(self, keys, domain):
        """The first of the keys that signed."""
        refuse("unknown_key", keys)
        signed = [key for key in keys if self.signed_by(key, domain)]
        refuse("bad_signature", signed)
        return signed[0]


class MultiSigned:
    """COSE_Sign: tag 98, empty body headers, signatures in the order of their key ids."""

    def __init__(self, data):
        value = tagged(data, SIGN)
        refuse("malformed", value[:2] == [b"", {}])
        _, _, self.payload, signatures = value
        refuse("malformed", type(self.payload) is bytes and type(signatures) is list)
        refuse("malformed", 1 <= len(signatures) <= 16)
        self.signatures = []
        for one in signatures:
            refuse("malformed", type(one) is list and len(one) == 3 and one[1] == {})
            refuse("malformed", type(one[0]) is bytes and raw(64)(one[2]))
            self.signatures.append((shaped(one[0], PROTECTED)[4], one[0], one[2]))
        kids = [kid for kid, _, _ in self.signatures]
        refuse("malformed", all(a < b for a, b in zip(kids, kids[1:])))

    def count(self, keys, domain):
        """How many of the keys signed; each counts once."""
        return sum(
            any(
                kid == key_id(key)
                and strict.verify(
                    key,
                    encode(["Signature", b"", protected, domain.encode(), self.payload]),
                    signature,
                )
                for kid, protected, signature in self.signatures
            )
            for key in set(keys)
        )
