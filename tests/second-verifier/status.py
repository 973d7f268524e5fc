"""Status lists and their changes: exact sets of numbers, Golomb-Rice coded."""

from cbor import Sign1, encode, raw, record, refuse, sha256, shaped, sint, text, uint, versioned
from forms import STATUS

MOST = 256 * 1024


def gaps(numbers):
    return [number - before - 1 for before, number in zip([-1, *numbers], numbers)]


def coded(numbers):
    """The one coding of ascending numbers: how many, the parameter, the bits."""
    distances = gaps(numbers)
    cost = lambda k: sum((gap >> k) + 1 + k for gap in distances)
    k = min(range(32), key=cost)  # the smallest of the cheapest
    bits = "".join("1" * (gap >> k) + "0" + f"{gap:064b}"[64 - k :] for gap in distances)
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    return [len(numbers), k, data]


def decoded(value):
    """The numbers of a coding, or None if they are coded in any other way."""
    shapes = uint(64), uint(8), lambda data: type(data) is bytes
    if type(value) is not list or len(value) != 3:
        return None
    if not all(shape(part) for shape, part in zip(shapes, value)):
        return None
    count, k, data = value
    bits, at, numbers, last = "".join(f"{byte:08b}" for byte in data), 0, [], -1
    while len(numbers) < count:
        end = bits.find("0", at)
        if end < 0 or end + 1 + k > len(bits):
            return None
        last += 1 + (end - at << k | int(bits[end + 1 : end + 1 + k] or "0", 2))
        at = end + 1 + k
        if last >= 1 << 32:
            return None
        numbers.append(last)
    return numbers if coded(numbers) == value else None


def is_set(value):
    return decoded(value) is not None


LIST = record({0: uint(8), 1: uint(32), 2: sint, 3: text, 4: is_set})
DELTA = record(
    {0: uint(8), 1: uint(32), 2: uint(32), 3: sint, 4: text, 5: raw(32), 6: is_set, 7: is_set}
)


def opened(data, domain, shape, scope_field, trust, now_s):
    """The payload, signed by a status key that holds in the very scope that the payload names."""
    refuse("malformed", len(data) <= MOST)
    envelope = Sign1(data)
    key = envelope.signer(trust.keys(STATUS, envelope.kid, now_s), domain)
    value = versioned(envelope.payload, shape)
    refuse("wrong_scope", any(
        entry[0] == key and entry[1] == STATUS and entry[2] == value[scope_field]
        and entry[3] <= now_s <= entry[4]
        for entry in trust.entries
    ))
    return value


def status_list(given, trust):
    data, now_s = bytes.fromhex(given["list"]), given["now_s"]
    value = opened(data, "qatysu/status/1", LIST, 3, trust, now_s)
    refuse("rolled_back", value[1] >= given["highest_seen"])
    names = {1: "version", 2: "issued_at_s", 3: "scope"}
    return {name: value[field] for field, name in names.items()} | {"revoked": decoded(value[4])}


def status_delta(given, trust):
    base = shaped(bytes.fromhex(given["base"]), LIST)
    data, now_s = bytes.fromhex(given["delta"]), given["now_s"]
    delta = opened(data, "qatysu/status-delta/1", DELTA, 4, trust, now_s)
    refuse("malformed", delta[2] > delta[1])
    refuse("wrong_scope", base[3] == delta[4])
    refuse("wrong_base", base[1] == delta[1])
    revoked = set(decoded(base[4])) - set(decoded(delta[7])) | set(decoded(delta[6]))
    revoked = sorted(revoked)
    made = encode({0: 1, 1: delta[2], 2: delta[3], 3: delta[4], 4: coded(revoked)})
    refuse("wrong_result", sha256(made) == delta[5])
    return {"version": delta[2], "revoked": revoked, "list": made.hex()}


FORMS = {"status-delta": status_delta, "status-list": status_list}
