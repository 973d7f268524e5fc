"""What is scanned from a screen: a phone's rotating code, a tablet's challenge, the phone's answer."""

import strict
from cbor import EDDSA, Refused, decode, encode, key_id, raw, refuse, sha256, uint
from forms import DELEGATE, PARENT, SPACE, base45, card, certificate, held_card, read_card

STEP_MS = 15_000


def wire(given, prefix, most):
    """The array that a text or its bytes hold."""
    if "bytes" in given:
        data = bytes.fromhex(given["bytes"])
    else:
        scanned = given["text"].strip(SPACE)
        refuse("malformed", scanned.startswith(prefix) and len(scanned) <= 2000)
        data = base45(scanned[len(prefix) :])
    refuse("malformed", most is None or len(data) <= most)
    value = decode(data)
    refuse("malformed", type(value) is list)
    return data, value


def parts(value, *shapes):
    good = len(value) == len(shapes) and all(shape(part) for shape, part in zip(shapes, value))
    refuse("malformed", good)
    return value


def signed(key, domain, payload, signature):
    """A COSE_Sign1 whose envelope is not sent: it is put together again."""
    protected = encode({1: EDDSA, 4: key_id(key)})
    to_sign = encode(["Signature1", protected, domain.encode(), payload])
    return strict.verify(key, to_sign, signature)


class Carried:
    """The card that a phone's code is for: its id, the whole card, or its id and the phone's certificate."""

    def __init__(self, data):
        self.read = self.paper = None
        if type(data) is list:
            self.card, self.paper = parts(data, raw(8), lambda part: type(part) is bytes)
            return
        refuse("malformed", type(data) is bytes)
        self.read = None if len(data) == 8 else read_card(data)
        self.card = data if self.read is None else self.read[1][7]

    def holder(self, given, trust):
        """The card and the key that speaks for it."""
        if "key" in given:
            return bytes.fromhex(given["card"]), bytes.fromhex(given["key"])
        if "child" in given:
            refuse("unknown_card", self.paper is not None)
            phone = certificate(self.paper, trust, given["now_ms"] // 1000)
            family = phone[3] in (PARENT, DELEGATE) and bytes.fromhex(given["child"]) in phone[6]
            refuse("not_its_family", family)
            return self.card, phone[2]
        refuse("unknown_card", self.read)
        claims = held_card(self.read, trust, given["now_ms"] // 1000)
        refuse("no_holder_key", 8 in claims)
        return claims[7], claims[8][1][-2]


def fresh(step, given):
    """Whether the step is no further from now than the case allows."""
    skew = given["skew_s"] * 1000
    earliest = (given["now_ms"] - skew) // STEP_MS - given["steps"]
    latest = (given["now_ms"] + skew) // STEP_MS + given["steps"]
    refuse("too_old", step >= earliest)
    refuse("from_future", step <= latest)


def prove(carried, holder, domain, claims, signature):
    card, key = holder
    refuse("wrong_holder", carried.card == card)
    refuse("bad_signature", signed(key, domain, encode(claims), signature))
    return sha256(domain.encode(), encode(claims)).hex()


def rotating(given, trust):
    _, value = wire(given, "OB9:", 512)
    refuse("malformed", len(value) == 4)
    carried = Carried(value[0])
    _, step, nonce, signature = parts(value, lambda _: True, uint(32), raw(4), raw(64))
    claims = [carried.card, step, nonce]
    holder = carried.holder(given, trust)
    replay = prove(carried, holder, "qatysu/rotating/1", claims, signature)
    fresh(step, given)
    return {"card": carried.card.hex(), "step": step, "nonce": nonce.hex(), "replay_key": replay}


class Challenge:
    def __init__(self, given):
        self.data, value = wire(given, "OB8:", None)
        shapes = raw(8), raw(8), uint(32), raw(8), raw(64)
        *self.claims, self.signature = parts(value, *shapes)
        self.device, self.lesson, self.step, self.nonce = self.claims

    def verify(self, given, trust):
        paper = certificate(bytes.fromhex(given["certificate"]), trust)
        refuse("wrong_device", self.device == paper[1])
        good = signed(paper[2], "qatysu/challenge/1", encode(self.claims), self.signature)
        refuse("bad_signature", good)

    @property
    def hash(self):
        return sha256(self.data)


def challenge(given, trust):
    asked = Challenge(given)
    asked.verify(given, trust)
    fresh(asked.step, given)
    fields = {name: getattr(asked, name).hex() for name in ("device", "lesson", "nonce", "hash")}
    return fields | {"step": asked.step}


def answer(given, trust):
    asked = Challenge({"bytes": given["challenge"]})
    asked.verify(given, trust)
    _, value = wire(given, "OB7:", 512)
    refuse("malformed", len(value) == 3)
    carried = Carried(value[0])
    _, named, signature = parts(value, lambda _: True, raw(8), raw(64))
    holder = carried.holder(given, trust)
    refuse("wrong_challenge", named == asked.hash[:8])
    claims = [carried.card, asked.hash]
    replay = prove(carried, holder, "qatysu/answer/1", claims, signature)
    fresh(asked.step, given)
    return {"card": carried.card.hex(), "challenge": asked.hash.hex(), "replay_key": replay}


def shown(given, trust):
    """Tells a text by its prefix, and whether it has the form of what it says it is."""
    begins = given["text"].lstrip(SPACE)[:4]
    if begins in ("OB9:", "OB7:"):
        _, value = wire(given, begins, 512)
        shapes = (uint(32), raw(4), raw(64)) if begins == "OB9:" else (raw(8), raw(64))
        parts(value, lambda _: True, *shapes)
        Carried(value[0])
        return "rotating" if begins == "OB9:" else "answer"
    if begins == "OB8:":
        Challenge(given)
        return "challenge"
    try:
        card(given["text"], Nobody(), 0)
    except Refused as refused:
        refuse(refused.args[0], refused.args[0] == "unknown_key")
    return "card"


class Nobody:
    """A trust list without keys: what fails with it for want of a key alone has a good form."""

    def keys(self, *_):
        return []


FORMS = {"answer": answer, "challenge": challenge, "rotating": rotating, "shown": shown}
