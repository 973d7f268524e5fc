#!/usr/bin/env python3
"""Tampers with a good bundle in every way it knows, and requires that each is refused as expected.

  tamper.py BUNDLE SERVER_DIR [PROGRAM]

SERVER_DIR has the keys of the log, of the rules and of the device authority: with them even a lie is
signed, and only the other checks can find it. With PROGRAM, `qatysu audit` must refuse each one too,
and name the same check.
"""

import base64
import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import forms
from bundle import audit
from cbor import Refused, Sign1, decode, encode, key_id


class Key:
    """A private key of the server, and how it signs."""

    def __init__(self, path):
        seed = bytes.fromhex(path.read_text().strip())
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.private.public_key().public_bytes_raw()

    def seal(self, domain, payload):
        protected = encode({1: -19, 4: key_id(self.public)})
        signed = encode(["Signature1", protected, domain.encode(), payload])
        return b"\xd2" + encode([protected, {}, payload, self.private.sign(signed)])


def b64(data):
    return base64.b64encode(data).decode()


class Forger:
    """A bundle in somebody's hands."""

    def __init__(self, bundle, server):
        self.bundle = copy.deepcopy(bundle)
        self.log, self.rules, self.authority = (
            Key(server / "keys" / f"{name}.key") for name in ("log", "rules", "device-ca")
        )

    @property
    def leaves(self):
        return self.bundle["leaves"]

    def data(self, index):
        return base64.b64decode(self.leaves[index]["bytes"])

    def put(self, index, data):
        self.leaves[index]["bytes"] = b64(data)

    def of(self, kind):
        return [index for index, leaf in enumerate(self.leaves) if leaf["kind"] == kind]

    def events(self, *kinds):
        found = [(index, decode(Sign1(self.data(index)).payload)) for index in self.of("event")]
        return [index for index, event in found if event[4] in kinds]

    def sign_tree(self):
        """The log signs the leaves as they are now."""
        hashes = [
            forms.leaf_hash(base64.b64decode(leaf["salt"]), self.data(index))
            for index, leaf in enumerate(self.leaves)
        ]
        origin = self.bundle["checkpoint"].split("\n")[0]
        text = f"{origin}\n{len(hashes)}\n{b64(forms.tree_root(hashes))}\n"
        line = forms.note_key_hash(origin, self.log.public) + self.log.private.sign(text.encode())
        self.bundle["checkpoint"] = f"{text}\n\u2014 {origin} {b64(line)}\n"

    def change_tranche(self, change):
        index = self.of("tranche")[-1]
        tranche = decode(Sign1(self.data(index)).payload)
        change(tranche)
        for total, field in enumerate((3, 9, 10, 11)):
            tranche[8][total] = sum(line[field] for line in tranche[7])
        self.put(index, self.log.seal("qatysu/tranche/1", encode(tranche)))
        self.sign_tree()

    def change_snapshot(self, key, change):
        snapshot = json.loads(Sign1(self.data(1)).payload)
        change(snapshot)
        text = json.dumps(snapshot, separators=(",", ":"), ensure_ascii=False)
        self.put(1, key.seal("qatysu/snapshot/1", text.encode()))
        self.sign_tree()

    def certify(self, role, change, authority):
        for number, encoded in enumerate(self.bundle["certificates"]):
            paper = decode(Sign1(base64.b64decode(encoded)).payload)
            if paper[3] == role:
                change(paper)
                signed = authority.seal("qatysu/certificate/1", encode(paper))
                self.bundle["certificates"][number] = b64(signed)
                return
        raise LookupError(role)


# The ways. Each has the check that must find it. -----------------------------------------------------


def flip(data, at):
    data = bytearray(data)
    data[at] ^= 1
    return bytes(data)


def flipped_event(f):
    f.put(f.events(2)[3], flip(f.data(f.events(2)[3]), -1))


def flipped_and_signed(f):
    flipped_event(f)
    f.sign_tree()


def flipped_salt(f):
    salt = base64.b64decode(f.leaves[3]["salt"])
    f.leaves[3]["salt"] = b64(flip(salt, 0))


def removed(f):
    del f.leaves[f.events(2)[0]]


def removed_and_signed(f):
    removed(f)
    f.sign_tree()


def swapped(f):
    """Two neighbours of two devices, so that no chain is hurt."""
    device = {index: decode(Sign1(f.data(index)).payload)[1] for index in f.of("event")}
    at = next(index for index in device if device.get(index + 1, device[index]) != device[index])
    f.leaves[at], f.leaves[at + 1] = f.leaves[at + 1], f.leaves[at]


def swapped_and_signed(f):
    swapped(f)
    f.sign_tree()


def paid_more(f):
    def change(tranche):
        line = next(line for line in tranche[7] if line[11] > 0)
        line[9], line[11] = line[9] + 1, line[11] - 1

    f.change_tranche(change)


def held_paid(f):
    def change(tranche):
        line = next(line for line in tranche[7] if line[10] > 0)
        line[9], line[10] = line[9] + line[10], 0

    f.change_tranche(change)


def out_of_balance(f):
    def change(tranche):
        tranche[7][0][9] += 1

    f.change_tranche(change)


def child_swapped(f):
    def change(tranche):
        tranche[7][0][2] = tranche[7][1][2]

    f.change_tranche(change)


def unsigned_sum(f):
    """Changed and hashed again, but without the log's key."""
    index = f.of("tranche")[-1]
    envelope = Sign1(f.data(index))
    tranche = decode(envelope.payload)
    tranche[8][1] += 1
    changed = [envelope.protected, {}, encode(tranche), envelope.signature]
    f.put(index, b"\xd2" + encode(changed))
    f.sign_tree()


def dropped_confirm(f):
    """The last answer of a family: its chain stays whole."""
    devices = {}
    for index in f.events(7, 8):
        devices[decode(Sign1(f.data(index)).payload)[1]] = index
    last = min(devices.values())
    del f.leaves[last]
    f.sign_tree()


def parameter(f):
    def change(snapshot):
        snapshot["params"][0]["l0_share_max_percent"] += 1

    f.change_snapshot(f.rules, change)


def dearer(f):
    def change(snapshot):
        snapshot["contracts"][0]["total_tiyn"] += 400

    f.change_snapshot(f.rules, change)


def snapshot_by_the_log(f):
    f.change_snapshot(f.log, lambda snapshot: None)


def checkpoint_root(f):
    lines = f.bundle["checkpoint"].split("\n")
    lines[2] = b64(flip(base64.b64decode(lines[2]), 0))
    f.bundle["checkpoint"] = "\n".join(lines)


def other_device(f):
    f.bundle["certificates"][0] = f.bundle["certificates"][1]


def demoted(f):
    f.certify(forms.TEACHER, lambda paper: paper.update({3: forms.PARENT}), f.authority)


def foreign_children(f):
    f.certify(forms.PARENT, lambda paper: paper.update({6: []}), f.authority)


def by_the_rules_key(f):
    f.certify(forms.TEACHER, lambda paper: None, f.rules)


def early_close(f):
    f.bundle["month"] += 1


def trust(f):
    data = base64.b64decode(f.bundle["trust_list"])
    f.bundle["trust_list"] = b64(flip(data, 70))


def other_roots(f):
    data = base64.b64decode(f.bundle["roots"])
    f.bundle["roots"] = b64(data.replace(b"\xa2\x00\x02", b"\xa2\x00\x01"))


def second_tranche(f):
    f.leaves.append(f.leaves[f.of("tranche")[-1]])
    f.sign_tree()


def other_name(f):
    f.put(0, b"log.qatysu.example/other")
    f.sign_tree()


def last_list(f):
    """The first tag list after the close: no tranche rests on it."""
    close = f.events(11)[-1]
    return next(index for index in f.of("tags") if index > close)


def change_list(f, change, key=None):
    index = last_list(f)
    value = decode(Sign1(f.data(index)).payload)
    change(value)
    f.put(index, (key or f.log).seal("qatysu/tags/1", encode(value)))
    f.sign_tree()


def hidden(f):
    """A leaf gets a tag that nobody finds."""
    change_list(f, lambda value: value.update({2: bytes(8) + value[2][8:]}))


def found_by_a_stranger(f):
    """A leaf gets a second tag: another child's parents would find it."""
    key = base64.b64decode(f.bundle["tag_keys"]["children"][0]["key"])

    def change(value):
        value[3] = [[value[1], forms.tag(key, value[1])], *value[3]][:1]

    change_list(f, change)


def list_with_a_gap(f):
    change_list(f, lambda value: value.update({1: value[1] + 1, 2: value[2][8:] + bytes(8)}))


def list_by_the_rules_key(f):
    change_list(f, lambda value: None, f.rules)


def list_dropped(f):
    for index in reversed([index for index in f.of("tags") if index >= last_list(f)]):
        del f.leaves[index]
    f.sign_tree()


def tag_keys_dropped(f):
    del f.bundle["tag_keys"]


def tag_key_missing(f):
    f.bundle["tag_keys"]["children"].pop()


def tag_keys_swapped(f):
    one, other = f.bundle["tag_keys"]["children"][:2]
    one["key"], other["key"] = other["key"], one["key"]


def card_by_the_rules_key(f):
    index = f.of("card")[0]
    f.put(index, f.rules.seal("qatysu/card/1", Sign1(f.data(index)).payload))
    f.sign_tree()


def card_twice(f):
    f.leaves.append(f.leaves[f.of("card")[0]])
    f.sign_tree()


def card_dropped(f):
    del f.leaves[f.of("card")[-1]]
    f.sign_tree()


def same_version_again(f):
    index = f.of("snapshot")[-1]
    snapshot = json.loads(Sign1(f.data(index)).payload)
    snapshot["version"] -= 1
    text = json.dumps(snapshot, separators=(",", ":"), ensure_ascii=False)
    f.put(index, f.rules.seal("qatysu/snapshot/1", text.encode()))
    f.sign_tree()


def newer_snapshot_dropped(f):
    del f.leaves[f.of("snapshot")[-1]]
    f.sign_tree()


WAYS = [
    ("a byte flipped in an event", flipped_event, "event_signature"),
    ("the same, signed by the log", flipped_and_signed, "event_signature"),
    ("a bit flipped in a salt", flipped_salt, "root"),
    ("a leaf removed", removed, "leaves"),
    ("the same, signed by the log", removed_and_signed, "chain"),
    ("two leaves swapped", swapped, "root"),
    ("the same, signed by the log", swapped_and_signed, "recomputed_tranche"),
    ("a sum that pays one tiyn more, signed", paid_more, "recomputed_tranche"),
    ("held money paid, signed", held_paid, "recomputed_tranche"),
    ("a line of another child, signed", child_swapped, "recomputed_tranche"),
    ("a line out of balance, signed", out_of_balance, "tranche"),
    ("a sum changed and hashed again, unsigned", unsigned_sum, "tranche"),
    ("a family's last answer dropped, signed", dropped_confirm, "recomputed_tranche"),
    ("a parameter changed, signed", parameter, "recomputed_tranche"),
    ("a voucher's total changed, signed", dearer, "recomputed_tranche"),
    ("the snapshot signed by the log", snapshot_by_the_log, "snapshot"),
    ("the checkpoint's root changed", checkpoint_root, "checkpoint"),
    ("a certificate replaced by another device's", other_device, "certificates"),
    ("a teacher certified as a parent", demoted, "recomputed_tranche"),
    ("a family certified without children", foreign_children, "recomputed_tranche"),
    ("a certificate signed by the rules key", by_the_rules_key, "certificates"),
    ("another month asked", early_close, "close"),
    ("a bit flipped in the trust list", trust, "trust_list"),
    ("a lower threshold of the roots", other_roots, "roots"),
    ("a second tranche of the month, signed", second_tranche, "tranche"),
    ("another name in the first leaf, signed", other_name, "genesis"),
    ("a card signed by the rules key", card_by_the_rules_key, "card"),
    ("a card logged twice, signed", card_twice, "card"),
    ("a card left out, signed", card_dropped, "recomputed_tranche"),
    ("the newer district with the version of the first, signed", same_version_again, "snapshot"),
    ("the newer district left out, signed", newer_snapshot_dropped, "recomputed_tranche"),
    ("a leaf hidden from its child's parents, signed", hidden, "tags"),
    ("a leaf with a stranger's tag too, signed", found_by_a_stranger, "tags"),
    ("a list of tags that leaves a gap, signed", list_with_a_gap, "tags"),
    ("a list of tags signed by the rules key", list_by_the_rules_key, "tags"),
    ("the last lists of tags dropped, signed", list_dropped, "tags"),
    ("the keys of the tags dropped", tag_keys_dropped, "tags"),
    ("the tag key of a child missing", tag_key_missing, "tags"),
    ("the tag keys of two children swapped", tag_keys_swapped, "tags"),
]


def second(source, pinned):
    try:
        audit(source, pinned)
    except Refused as refused:
        return refused.args[0]
    return "ok"


def first(program, source, roots):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        file.write(source)
        file.flush()
        command = [program, "audit", file.name, "--roots", roots, "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    said = json.loads(ended.stdout)
    return "ok" if ended.returncode == 0 else said["check"].replace(" ", "_")


def main(words):
    if len(words) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    good = json.loads(Path(words[0]).read_text(encoding="utf-8"))
    server, program = Path(words[1]), words[2] if len(words) == 3 else None
    roots = server / "trust.roots"
    wrong = 0
    for name, change, expected in [("not tampered with", lambda _: None, "ok"), *WAYS]:
        forger = Forger(good, server)
        change(forger)
        source = json.dumps(forger.bundle)
        found = [second(source, roots.read_bytes())]
        found += [first(program, source, roots)] if program else []
        agree = all(verdict == expected for verdict in found)
        wrong += not agree
        print(f"{'ok    ' if agree else 'WRONG '} {name}: {' and '.join(found)}, expected {expected}")
    judges = "two judges" if program else "one judge"
    print(f"tampered: {len(WAYS)} ways, {judges}, {wrong} verdicts wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
