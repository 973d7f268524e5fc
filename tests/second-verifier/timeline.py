"""Time anchors, and the interval of each event that follows from those in its chain."""

from cbor import Refused, Sign1, below, raw, record, refuse, sint, uint, versioned
from forms import LOG, Chain, event

ANCHOR = record(
    {0: uint(8), 1: raw(8), 2: sint, 3: uint(64), 4: raw(8), 5: uint(64), 6: raw(32), 7: raw(32)}
)
TIME_ANCHOR = 13
SEQ, PREV, KIND, WALL, MONO, BOOT, CARRIED = 2, 3, 4, 5, 6, 7, 24  # fields of an event


def anchor(data, device, trust):
    refuse("malformed", len(data) <= 256)
    envelope = Sign1(data)
    value = versioned(envelope.payload, ANCHOR)
    keys = trust.keys(LOG, envelope.kid, value[2] // 1000)
    envelope.by_any(keys, "qatysu/anchor/1")
    refuse("wrong_device", value[1] == device)
    return value


class Held:
    """An anchor in a chain: which event carries it, and how many came before it was asked for."""

    def __init__(self, value, carrier, above):
        _, _, self.time, self.mono, self.boot, self.seq_next, self.head, _ = (
            value[field] for field in range(8)
        )
        self.carrier, self.above = carrier, above


def held_anchors(events, trust):
    found, faults = [], []
    for at, carrier in enumerate(events):
        if carrier[KIND] != TIME_ANCHOR:
            continue
        if CARRIED not in carrier:
            faults.append({"refused": carrier[SEQ], "why": None})
            continue
        try:
            held = Held(anchor(carrier[CARRIED], carrier[1], trust), at, 0)
        except Refused as refused:
            faults.append({"refused": carrier[SEQ], "why": refused.args[0]})
            continue
        places = [n for n in range(at + 1) if events[n][SEQ] == held.seq_next]
        if places and events[places[0]][PREV] == held.head:
            held.above = places[0]
        else:
            faults.append({"other_history": carrier[SEQ]})
        found.append(held)
    return found, faults


def stretches(events):
    """Numbers the stretches in which the monotonic clock ran through."""
    numbers = []
    for at, one in enumerate(events):
        before = events[at - 1] if at else one
        broken = before[BOOT] != one[BOOT] or before[MONO] > one[MONO]
        numbers.append((numbers[-1] if at else 0) + broken)
    return numbers


def sure(distance, fast_ppm):
    """A distance less what a fast clock may have made of it, rounded up."""
    return distance + (-distance * fast_ppm // 1_000_000)


def bounds(events, anchors, fast_ppm, arrival):
    """For each event the best of all anchors on each side, as (end, how, the anchor's own time)."""
    run = stretches(events)

    def lower(held, at):
        carrier = events[held.carrier]
        if run[held.carrier] == run[at]:
            return held.time + sure(events[at][MONO] - carrier[MONO], fast_ppm), "ran", held.time
        how = "went_back" if carrier[BOOT] == events[at][BOOT] else "rebooted"
        return held.time, how, held.time

    def upper(held, at):
        last = events[held.above - 1]
        through = run[held.above - 1] == run[at] and last[BOOT] == held.boot
        if through and last[MONO] <= held.mono:
            return held.time - sure(held.mono - events[at][MONO], fast_ppm), "ran", held.time
        how = "went_back" if held.boot == events[at][BOOT] else "rebooted"
        return held.time, how, held.time

    for at in range(len(events)):
        after = [lower(held, at) for held in anchors if held.carrier <= at]
        before = [upper(held, at) for held in anchors if held.above > at]
        first = max(after, key=lambda end: end[0], default=(None, "open", None))
        last = min(before, key=lambda end: end[0], default=arrival)
        yield uncrossed(first, last)


def crossed(first, last):
    return None not in (first[0], last[0]) and first[0] > last[0]


def uncrossed(first, last):
    """Where the ends cross, the anchors' own times count; where those cross too, they change places."""
    if not crossed(first, last):
        return first, last
    bare = [end if end[2] is None else (end[2], "contradicted", end[2]) for end in (first, last)]
    return bare[::-1] if crossed(*bare) else bare


def timeline(given, trust):
    key, events = bytes.fromhex(given["key"]), []
    chain = Chain(key)
    for data in map(bytes.fromhex, given["events"]):
        events.append(event(data, key))
        chain.follow(data, events[-1])
    anchors, faults = held_anchors(events, trust)
    came = given.get("arrival_ms")
    arrival = (None, "open", None) if came is None else (came, "arrival", None)
    run, found = stretches(events), []
    ends = bounds(events, anchors, given["fast_ppm"], arrival)
    for at, (first, last) in enumerate(ends):
        jump = None
        if at and run[at] == run[at - 1]:
            one, before = events[at], events[at - 1]
            jump = one[WALL] - before[WALL] - (one[MONO] - before[MONO])
            jump = max(-(1 << 63), min(jump, (1 << 63) - 1))
        found.append({
            "not_before": list(first[:2]), "not_after": list(last[:2]), "wall_jump_ms": jump
        })
    return {"events": found, "faults": faults}


FORMS = {
    "anchor": lambda given, trust: anchor(
        bytes.fromhex(given["anchor"]), bytes.fromhex(given["device"]), trust
    ),
    "timeline": timeline,
}
