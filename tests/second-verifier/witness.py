"""Whom to believe about a log (C2SP tlog-policy), and what a witness answers (C2SP tlog-witness)."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import strict
from cbor import Refused, refuse, sha256
from forms import WITNESS_TYPE, Note, base64_of, is_size, note_key_hash, verifier_key
from merkle import grown

TIME_MAX = (1 << 63) - 1


class Policy:
    """Lines of logs, witnesses, groups, and one quorum."""

    def __init__(self, text):
        control = lambda c: c not in "\n\t" and (c < " " or c == "\x7f")
        refuse("not_text", len(text.encode()) <= 64 * 1024 and not any(map(control, text)))
        refuse("not_text", text.endswith("\n"))
        self.logs, self.items, self.quorum, self.written = [], {}, None, []
        written = {"log": [], "items": []}
        for line in text[:-1].split("\n"):
            words = [word for word in line.replace("\t", " ").split(" ") if word]
            if words and not words[0].startswith("#"):
                kind = "log" if words[0] == "log" else "items"
                written[kind].append(self.read(*words))
        refuse("no_quorum", self.quorum is not None)
        # The quorum's line is the last one, wherever it stood.
        lines = [line for line in written["items"] if not line.startswith("quorum ")]
        self.text = "\n".join([*written["log"], *lines, f"quorum {self.quorum}", ""])

    @classmethod
    def of(cls, given):
        try:
            return cls(given["policy"])
        except Refused:
            raise Refused("bad_policy") from None

    def read(self, word, *words):
        reader = {
            "log": (self.read_log, 1, 2), "witness": (self.read_witness, 2, 3),
            "group": (self.read_group, 2, 1 << 20), "quorum": (self.read_quorum, 1, 1),
        }.get(word)
        refuse("malformed", reader)
        work, least, most = reader
        refuse("malformed", least <= len(words))
        if word == "quorum":
            refuse("malformed", len(words) <= most)
        return " ".join([word, *map(str, work(*words))])

    def room(self):
        refuse("too_many", len(self.logs) + len(self.items) < 256)

    def free(self, name):
        refuse("name", name != "none" and name not in self.items)
        self.room()

    def read_log(self, key, *address):
        log = verifier_key(key)
        refuse("malformed", len(address) < 2)
        refuse("duplicate_key", all(known[1] != log[1] for known in self.logs))
        self.room()
        self.logs.append(log)
        return key, *address

    def read_witness(self, name, key, *address):
        witness = verifier_key(key, WITNESS_TYPE)
        refuse("malformed", len(address) < 2)
        self.free(name)
        refuse("duplicate_key", all(known[1] != witness[1] for _, known in self.witnesses()))
        self.items[name] = witness
        return name, key, *address

    def read_group(self, name, threshold, *members):
        refuse("undefined", all(member in self.items for member in members))
        if threshold in ("any", "all"):
            threshold = 1 if threshold == "any" else len(members)
        refuse("threshold", str(threshold).isascii() and str(threshold).isdigit())
        self.free(name)
        refuse("threshold", 1 <= int(threshold) <= len(members))
        groups = [item for item in self.items.values() if type(item) is Group]
        taken = {member for group in groups for member in group.members}
        refuse("member_twice", len(set(members)) == len(members) and not taken & set(members))
        self.items[name] = Group(int(threshold), members)
        return name, int(threshold), *members

    def read_quorum(self, name):
        refuse("quorum_twice", self.quorum is None)
        refuse("undefined", name == "none" or name in self.items)
        self.quorum = name
        return (name,)

    def witnesses(self):
        return [(name, item) for name, item in self.items.items() if type(item) is not Group]

    def reached(self, name, who):
        """Whether those who cosigned make what is called so."""
        item = self.items.get(name)
        if type(item) is not Group:
            return name == "none" or name in who
        return sum(self.reached(member, who) for member in item.members) >= item.threshold


class Group:
    def __init__(self, threshold, members):
        self.threshold, self.members = threshold, members


def cosigned_at(note, name, key):
    """The latest time of a witness's cosignatures (C2SP tlog-cosignature); each must match."""
    mine, times = (name, note_key_hash(name, key, WITNESS_TYPE)), []
    for *who, data in note.lines:
        if tuple(who) == mine:
            time = int.from_bytes(data[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{note.text}".encode()
            good = len(data) == 72 and time <= TIME_MAX and strict.verify(key, message, data[8:])
            refuse("bad_signature", good)
            times.append(time)
    return max(times, default=None)


def by_log(note, logs):
    """The checkpoint, if one of the log's keys signed it and no line of any of them is wrong."""
    found, refused = None, "unknown_log"
    for name, key in logs:
        try:
            found = note.verify(name, key)
        except Refused as why:
            if why.args[0] != "not_signed":
                raise
            refused = "not_signed"
    refuse(refused, found)
    return found


def believed(note, policy):
    """What the policy believes of a note, and the root."""
    origin = note.checkpoint()[0]
    _, size, root = by_log(note, [log for log in policy.logs if log[0] == origin])
    times = [(name, cosigned_at(note, *key)) for name, key in policy.witnesses()]
    who = [[name, time] for name, time in times if time is not None]
    refuse("missing", policy.reached(policy.quorum, {name for name, _ in who}))
    return {"size": size, "root": root.hex(), "cosigned": who}, root


def witnessed(given, _):
    policy = Policy.of(given)
    return believed(Note(given["note"]), policy)[0]


def read_request(body):
    refuse("400", len(body.encode()) <= 16 * 1024 + 4096)
    head, gap, note = body.partition("\n\n")
    first, *hashes = head.split("\n")
    refuse("400", gap and first.startswith("old ") and is_size(first.removeprefix("old ")))
    path = [base64_of(line, "400") for line in hashes]
    refuse("400", len(path) <= 63 and all(len(one) == 32 for one in path))
    try:
        return int(first.removeprefix("old ")), path, Note(note)
    except Refused:
        raise Refused("400") from None


def add_checkpoint(given, _):
    old, path, note = read_request(given["request"])
    origin = note.text.split("\n")[0]
    logs = [key for key in map(verifier_key, given["logs"]) if key[0] == origin]
    refuse("404", logs)
    try:
        _, size, root = note.checkpoint()
    except Refused:
        raise Refused("400") from None
    try:
        by_log(note, logs)
    except Refused:
        raise Refused("403") from None
    refuse("400", old <= size)
    stored = Note(given["stored"]).checkpoint() if "stored" in given else None
    last, last_root = stored[1:] if stored else (0, sha256())
    if old != last:
        raise Refused("409", f"{last}\n")
    refuse("409", stored is None or last != size or path or last_root == root)
    try:
        grown(last, size, path, last_root, root)
    except Refused:
        raise Refused("422") from None
    return cosign(note, given["witness"], bytes.fromhex(given["seed"]), given["time_s"])


def cosign(note, name, seed, time):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    signature = private.sign(f"cosignature/v1\ntime {time}\n{note.text}".encode())
    data = note_key_hash(name, public, WITNESS_TYPE) + time.to_bytes(8, "big") + signature
    return f"\u2014 {name} {base64.b64encode(data).decode()}\n"


FORMS = {
    "add-checkpoint": add_checkpoint,
    "policy": lambda given, _: Policy(given["policy"]).text,
    "witnessed": witnessed,
}
