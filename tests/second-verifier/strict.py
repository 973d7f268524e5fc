"""Ed25519 (RFC 8032), strict: what the library decides, and what it leaves open.

The library computes S·B = R + k·A without the cofactor. It does not refuse keys and points of small
order, nor every second way to write a number. Those are refused here, before it is asked.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
D = -121665 * pow(121666, -1, P) % P  # of the curve -x² + y² = 1 + d·x²·y²
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def point(encoded):
    """The point (x, y) that 32 bytes stand for in their one encoding (RFC 8032 §5.1.3), or None."""
    if len(encoded) != 32:
        return None
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


def twice(p):
    """A point added to itself; the curve's law is complete."""
    x, y = p
    product = D * x * x * y * y % P
    return (
        2 * x * y * pow(1 + product, -1, P) % P,
        (y * y + x * x) * pow(1 - product, -1, P) % P,
    )


def is_small(p):
    """Whether eight times the point is the neutral one: anybody could sign for such a key."""
    return twice(twice(twice(p))) == (0, 1)


def is_key(encoded):
    """Whether 32 bytes are a public key: a point of the curve, not of small order."""
    p = point(encoded)
    return p is not None and not is_small(p)


def verify(key, message, signature):
    """Whether `signature` is the key's over the message, strictly."""
    if len(signature) != 64 or not is_key(key) or not is_key(signature[:32]):
        return False
    if int.from_bytes(signature[32:], "little") >= L:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
