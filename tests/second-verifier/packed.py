"""Packed batches: the signed bytes of a device's events, told by what both sides know.

Reading and writing are two programs here. What was read must be written to the same bytes again.
"""

from cbor import EDDSA, SIGN1, Refused, Sign1, encode, head, raw, refuse, sha256, shaped, uint
from fields import KEY
from forms import EVENT, ROSTER, kind

EVENTS_MAX, BYTES_MAX, PROOF_MAX, ANCHOR_MAX = 1024, 1 << 20, 320, 256
DEVICE, SEQ, PREV, KIND, WALL, MONO, BOOT = range(1, 8)
SEQ_TOLD, PREV_TOLD = 1 << 30, 1 << 31
# Fields told in their CBOR, in this order, and what they can be.
VALUES = {
    KEY[name]: EVENT.shapes[KEY[name]]
    for name in (
        "method reason month amount document place absence absence_document headcount subject "
        "revocation ticket verdict finding cancellation moved_to group from_day ground cause evidence "
        "decision"
    ).split()
}
# Fields told by their place in a table.
LESSON, PROVIDER, CHILD, VOUCHER, CARD = (
    KEY[name] for name in ("lesson", "provider", "child", "voucher", "card")
)
TABLES = {BOOT: 8, LESSON: 8, PROVIDER: 8, CHILD: 12, VOUCHER: 8, CARD: 32}
ABOUT, PROOF, ANCHOR = (KEY[name] for name in ("about", "proof", "anchor"))


def damaged(unless):
    refuse("damaged", unless)


def u64(number):
    return number % (1 << 64)


def i64(number):
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, length):
        damaged(self.at + length <= len(self.data))
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self):
        """LEB128, at most 64 bits."""
        value = 0
        for shift in range(0, 64, 7):
            byte = self.raw(1)[0]
            value |= (byte & 127) << shift
            damaged(value < 1 << 64)
            if byte < 128:
                return value
        raise Refused("damaged")

    def signed(self):
        folded = self.number()
        return -(folded + 1 >> 1) if folded & 1 else folded >> 1

    def item(self, shape):
        """A value in CBOR; whether in its shortest form is asked in the end."""
        value = self.value()
        damaged(shape(value))
        return value

    def value(self):
        found = head(self.data, self.at)
        damaged(found)
        major, argument, self.at = found
        damaged(major <= 4)
        if major in (2, 3):
            data = self.raw(argument)
            try:
                return data if major == 2 else data.decode()
            except UnicodeDecodeError:
                raise Refused("damaged") from None
        if major == 4:
            damaged(argument == 2)  # all arrays here are pairs
            return [self.value(), self.value()]
        return -1 - argument if major == 1 else argument


class Writer:
    def __init__(self):
        self.data = bytearray()

    def raw(self, data):
        self.data += data

    def number(self, value):
        while value > 127:
            self.data.append(value & 127 | 128)
            value >>= 7
        self.data.append(value)

    def signed(self, value):
        self.number(-2 * value - 1 if value < 0 else 2 * value)

    def item(self, value):
        self.data += encode(value)


class Known:
    """What both sides know, and learn with each event."""

    def __init__(self, roster, start):
        roster = roster or {1: [], 2: [], 3: [], 4: []}
        self.groups = {one[0]: one[1] for one in reversed(roster[2])}
        self.lessons = {one[0]: one[1] for one in reversed(roster[3])}
        self.children = roster[4]
        self.device, self.seq, self.prev, self.wall, self.mono = start
        self.last = {BOOT: None, LESSON: None, PROVIDER: None}
        self.proof, self.card, self.anchor = b"", bytes(8), b""
        self.shapes, self.hashes = [], []
        self.tables = {field: [] for field in TABLES}
        for field, part, column in (
            (LESSON, 3, 0), (PROVIDER, 1, 0), (CHILD, 4, 0), (VOUCHER, 4, 2)
        ):
            for one in roster[part]:
                self.learn(self.tables[field], one[column])

    @staticmethod
    def learn(table, value):
        if value not in table:
            table.append(value)

    def group(self, event):
        return self.lessons.get(event.get(LESSON))

    def row(self, event):
        """The child's row in the roster: that of the lesson's group, else the first."""
        rows = [row for row in self.children if row[0] == event.get(CHILD)]
        return next((row for row in rows if row[3] == self.group(event)), rows[0] if rows else {})

    def expected(self, field, event):
        if field == PROVIDER:
            planned = self.groups.get(self.group(event))
            return self.last[PROVIDER] if planned is None else planned
        if field == VOUCHER:
            return self.row(event).get(2)
        if field == CARD:
            return self.row(event).get(5)
        return self.last.get(field)

    def proof_sample(self, event):
        """The last proof, as if it were of this child's card, and that card."""
        card = self.row(event).get(4, bytes(8))
        return self.proof.replace(self.card, card, 1) + card, card

    def anchor_sample(self, event):
        return self.device + event[PREV] + event[BOOT] + self.anchor

    def passed(self, data, seq):
        self.seq, self.prev = u64(seq + 1), sha256(data)
        self.hashes.append(self.prev)

    def clocks(self, event):
        self.wall, self.mono = event[WALL], event[MONO]


def signed_bytes(event, signature):
    """The event as its device signed it: the key's id begins the device's."""
    protected = encode({1: EDDSA, 4: event[DEVICE][:4]})
    return SIGN1 + encode([protected, {}, encode(event), signature])


def fields_of(bits):
    return [field for field in KEY.values() if bits >> field - 8 & 1]


# Reading -----------------------------------------------------------------------------------------------


def read_coded(r, table, expected, read):
    code = r.number()
    if code == 0:
        damaged(expected is not None)
        return expected
    if code == 1:
        value = read()
        Known.learn(table, value)
        return value
    damaged(code - 2 < len(table))
    return table[code - 2]


def read_pieces(r, most, sample):
    length, out = r.number(), b""
    refuse("too_large", length <= most)
    damaged(length)
    while len(out) < length:
        token = r.number()
        size, place = token >> 1, r.number() if token & 1 else None
        damaged(0 < size <= length - len(out))
        piece = r.raw(size) if place is None else sample[place : place + size]
        damaged(len(piece) == size)
        out += piece
    return out


def read_event(r, known, kind, bits):
    event = {0: 1, DEVICE: known.device, KIND: kind}
    event[SEQ] = r.number() if bits & SEQ_TOLD else known.seq
    event[PREV] = r.raw(32) if bits & PREV_TOLD else known.prev

    def told(field):
        expected, read = known.expected(field, event), lambda: r.item(raw(TABLES[field]))
        event[field] = read_coded(r, known.tables[field], expected, read)
        if field in known.last:
            known.last[field] = event[field]

    told(BOOT)
    step, apart = r.signed(), r.signed()
    event[WALL], event[MONO] = i64(known.wall + step), u64(known.mono + apart + step)
    known.clocks(event)
    fields = fields_of(bits)
    for field in (LESSON, PROVIDER, CHILD, VOUCHER, CARD):
        if field in fields:
            told(field)
    for field, shape in VALUES.items():
        if field in fields:
            event[field] = r.item(shape)
    if ABOUT in fields:
        back = r.number()
        damaged(back <= len(known.hashes))
        event[ABOUT] = known.hashes[-back] if back else r.item(raw(32))
    if PROOF in fields:
        sample, card = known.proof_sample(event)
        event[PROOF] = known.proof = read_pieces(r, PROOF_MAX, sample)
        known.card = card
    if ANCHOR in fields:
        event[ANCHOR] = known.anchor = read_pieces(r, ANCHOR_MAX, known.anchor_sample(event))
    return signed_bytes(event, r.raw(64)), event[SEQ]


SHAPE = lambda value: type(value) is list and kind(value[0]) and uint(32)(value[1])
NAME = lambda value: type(value) is list and uint(32)(value[0]) and raw(8)(value[1])


def read_header(r):
    refuse("unknown_version", r.number() == 1)
    with_roster = r.number()
    damaged(with_roster < 2)
    name = r.item(NAME) if with_roster else None
    start = r.raw(8), r.number(), r.raw(32), r.signed(), r.number()
    count = r.number()
    refuse("too_large", count <= EVENTS_MAX)
    return name, start, count


def unpack(data, roster):
    r = Reader(data)
    name, start, count = read_header(r)
    refuse("other_roster", name == name_of(roster))
    known, events, total = Known(roster, start), [], 0
    for _ in range(count):
        code = r.number()
        if code == 0:
            length = r.number()
            refuse("too_large", length <= BYTES_MAX)
            data_of, seq = r.raw(length), known.seq
        else:
            damaged(code == 1 or code - 2 < len(known.shapes))
            shape = r.item(SHAPE) if code == 1 else known.shapes[code - 2]
            known.learn(known.shapes, shape)
            data_of, seq = read_event(r, known, *shape)
        known.passed(data_of, seq)
        events.append(data_of)
        total += len(data_of)
        refuse("too_large", total <= BYTES_MAX)
    damaged(r.at == len(data))
    refuse("not_canonical", pack(events, roster) == data)
    return events


# Writing -----------------------------------------------------------------------------------------------


def name_of(roster):
    return None if roster is None else [roster[0], sha256(encode(roster))[:8]]


def apart(data, device=None):
    """An event and its signature, if they come together again to the same bytes."""
    try:
        envelope = Sign1(data)
        event = shaped(envelope.payload, EVENT)
    except Refused:
        return None
    whole = event[0] == 1 and signed_bytes(event, envelope.signature) == data
    return (event, envelope.signature) if whole and device in (None, event[DEVICE]) else None


def write_coded(w, table, expected, value):
    if value == expected:
        w.number(0)
    elif value in table:
        w.number(table.index(value) + 2)
    else:
        w.number(1)
        w.item(value)
        table.append(value)


def longest(data, sample):
    """The longest beginning that the sample has, and its first place there."""
    length = 0
    while length < len(data) and data[: length + 1] in sample:
        length += 1
    return sample.find(data[:length]), length


def write_pieces(w, data, sample):
    """Greedy: four bytes or more of the sample are a piece; what is between them is another."""
    w.number(len(data))
    at = begun = 0

    def new_until(end):
        if end > begun:
            w.number(end - begun << 1)
            w.raw(data[begun:end])

    while at < len(data):
        place, length = longest(data[at:], sample)
        if length < 4:
            at += 1
            continue
        new_until(at)
        w.number(length << 1 | 1)
        w.number(place)
        at += length
        begun = at
    new_until(at)


def write_event(w, known, event, signature):
    bits = sum(1 << field - 8 for field in KEY.values() if field in event)
    bits |= SEQ_TOLD * (event[SEQ] != known.seq) | PREV_TOLD * (event[PREV] != known.prev)
    write_coded(w, known.shapes, None, [event[KIND], bits])
    if bits & SEQ_TOLD:
        w.number(event[SEQ])
    if bits & PREV_TOLD:
        w.raw(event[PREV])

    def tell(field):
        write_coded(w, known.tables[field], known.expected(field, event), event[field])
        if field in known.last:
            known.last[field] = event[field]

    tell(BOOT)
    step = i64(event[WALL] - known.wall)
    w.signed(step)
    w.signed(i64(event[MONO] - known.mono - step))
    known.clocks(event)
    for field in (LESSON, PROVIDER, CHILD, VOUCHER, CARD):
        if field in event:
            tell(field)
    for field in VALUES:
        if field in event:
            w.item(event[field])
    if ABOUT in event:
        backwards = known.hashes[::-1]
        told = event[ABOUT] in backwards
        w.number(backwards.index(event[ABOUT]) + 1 if told else 0)
        w.item(event[ABOUT]) if not told else None
    if PROOF in event:
        sample, known.card = known.proof_sample(event)
        write_pieces(w, event[PROOF], sample)
        known.proof = event[PROOF]
    if ANCHOR in event:
        write_pieces(w, event[ANCHOR], known.anchor_sample(event))
        known.anchor = event[ANCHOR]
    w.raw(signature)


def pack(events, roster):
    first = next((found[0] for found in map(apart, events) if found), None)
    start = [first[field] for field in (DEVICE, SEQ, PREV, WALL, MONO)] if first else (
        [bytes(8), 0, bytes(32), 0, 0]
    )
    w, name = Writer(), name_of(roster)
    w.number(1)
    w.number(int(name is not None))
    w.item(name) if name else None
    device, seq, prev, wall, mono = start
    w.raw(device)
    w.number(seq)
    w.raw(prev)
    w.signed(wall)
    w.number(mono)
    w.number(len(events))
    known = Known(roster, start)
    for data in events:
        found = apart(data, device) if first else None
        if found:
            write_event(w, known, *found)
            seq = found[0][SEQ]
        else:
            w.number(0)
            w.number(len(data))
            w.raw(data)
            seq = known.seq
        known.passed(data, seq)
    return bytes(w.data)


def packed(given, _):
    roster = shaped(bytes.fromhex(given["roster"]), ROSTER) if "roster" in given else None
    return [event.hex() for event in unpack(bytes.fromhex(given["packed"]), roster)]


FORMS = {"packed": packed}
