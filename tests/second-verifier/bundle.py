"""The audit bundle: every leaf, signature, chain and sum of a month, from one file."""

import admission
import volumes
from cbor import Sign1, encode, refuse, sha256, shaped
from forms import (
    RULES, Chain, TagList, TrustList, base64_of, certificate, check, checkpoint_of_log, event, json_object,
    leaf_hash, logged_card, tree_root, trust_roots, unverified_event,
)
from month import TRANCHE, Logged, balanced, closing_leaf, compute, is_month
from snapshot import Snapshot

FIELDS = {"format", "month", "roots", "trust_list", "checkpoint", "certificates", "leaves"}
KINDS = ("genesis", "snapshot", "event", "tranche", "card", "tags")


class Bundle:
    """Reads the file's form; nothing of it is believed yet."""

    def __init__(self, source):
        file = json_object(source, FIELDS, "file", {"tag_keys"})
        refuse("file", type(file["checkpoint"]) is str and type(file["month"]) is int)
        refuse("file", type(file["certificates"]) is list and type(file["leaves"]) is list)
        self.roots, self.trust = (base64_of(file[name], "file") for name in ("roots", "trust_list"))
        self.certificates = [base64_of(one, "file") for one in file["certificates"]]
        self.checkpoint, self.leaves = file["checkpoint"], []
        for leaf in file["leaves"]:
            refuse("file", type(leaf) is dict and {"kind", "salt", "bytes"} <= leaf.keys())
            refuse("file", leaf["kind"] in KINDS)
            salt, data = base64_of(leaf["salt"], "file"), base64_of(leaf["bytes"], "file")
            self.leaves.append((leaf["kind"], salt, data))
        refuse("file", file["format"] == "qatysu-bundle/1" and is_month(file["month"]))
        self.month = file["month"]
        self.tag_keys = None if file.get("tag_keys") is None else tag_keys(file["tag_keys"])

    def of_kind(self, wanted):
        for index, (kind, _, data) in enumerate(self.leaves):
            if kind == wanted:
                yield index, data


def tag_keys(value):
    """The key of nobody, and those of children, each with its child; in order, as they stand."""
    refuse("file", type(value) is dict and value.keys() == {"nobody", "children"})
    refuse("file", type(value["children"]) is list)
    children = []
    for one in value["children"]:
        refuse("file", type(one) is dict and {"child", "key"} <= one.keys())
        refuse("file", type(one["child"]) is str and len(one["child"]) == 24)
        try:
            child = bytes.fromhex(one["child"])
        except ValueError:
            refuse("file", False)
        children.append((child, base64_of(one["key"], "file")))
    return base64_of(value["nobody"], "file"), children


def audit(source, pinned=None):
    """Recomputes a month and gives its figures; the first thing that does not hold is refused."""
    bundle = Bundle(source)
    with check("roots"):
        roots = trust_roots(bundle.roots)
        refuse("roots", pinned is None or bundle.roots == pinned)
    with check("trust_list"):
        trust = TrustList(bundle.trust, roots)
    with check("checkpoint"):
        (origin, size, root), _ = checkpoint_of_log(bundle.checkpoint, trust)
    refuse("leaves", size == len(bundle.leaves))
    for index, (kind, _, _) in enumerate(bundle.leaves):
        refuse("leaves", (kind == "genesis") == (index == 0) and (index != 1 or kind == "snapshot"))
    refuse("genesis", bundle.leaves and bundle.leaves[0][2] == origin.encode())
    snapshots = snapshots_of(bundle, trust)
    cards = cards_of(bundle, trust, origin)
    papers = certificates(bundle, trust)
    events, devices = events_of(bundle, papers)
    hashes = hashes_of(bundle)
    refuse("root", tree_root(hashes) == root)
    close, _ = closing_leaf(snapshots, events, bundle.month)
    refuse("close", close is not None)
    signed = signed_tranche(bundle, trust, origin)
    prefix = tree_root(hashes[: close + 1])
    computed = compute(snapshots, events, bundle.month, origin, close + 1, prefix)
    refuse("recomputed_tranche", encode(computed) == signed)
    tagged = tags_made_again(bundle, trust, origin, subjects(events) | own_cards(cards), close)
    return {
        "leaves": size, "events": len(events), "devices": devices, "tagged": tagged,
        "snapshots": len(snapshots), "cards": len(cards), **card_notes(cards, events),
        "lines": len(computed[7]),
        "plan": computed[8][0], "accrued": computed[8][1], "held": computed[8][2],
        "released": computed[8][3], "tranche": sha256(signed).hex(),
    }


def records_stay(known, newer):
    """Whether what is only added to was only added to."""
    return volumes.keeps(known.budget, newer.budget) and admission.keeps(known.admission, newer.admission)


def snapshots_of(bundle, trust):
    """Every snapshot with its leaf; the versions grow."""
    found = []
    with check("snapshot"):
        for index, data in bundle.of_kind("snapshot"):
            envelope = Sign1(data)
            keys = trust.keys(RULES, envelope.kid)
            snapshot = Snapshot(envelope.by_any(keys, "qatysu/snapshot/1"))
            refuse("snapshot", not found or found[-1][1].version < snapshot.version)
            refuse("snapshot", not found or records_stay(found[-1][1], snapshot))
            found.append((index, snapshot))
        refuse("snapshot", found)
    return found


def cards_of(bundle, trust, origin):
    """Leaf and child of every card, by the card's hash; no id twice."""
    found, ids = {}, set()
    with check("card"):
        for index, data in bundle.of_kind("card"):
            claims = logged_card(data, trust, origin)
            refuse("card", claims[7] not in ids)
            ids.add(claims[7])
            found[sha256(data)] = (index, claims[-1])
    return found


def own_cards(cards):
    return {index: [child] for index, child in cards.values()}


def card_notes(cards, events):
    """How many events rest on a card that nobody had logged by then, or on another child's."""
    never = later = another = 0
    for logged in events:
        name, child = logged.event.get(13), logged.event.get(8)
        leaf, owner = cards.get(name, (None, None))
        never += name is not None and leaf is None
        later += leaf is not None and leaf > logged.index
        another += leaf is not None and child is not None and child != owner
    return {"never_logged": never, "logged_later": later, "of_another": another}


def certificates(bundle, trust):
    papers = {}
    with check("certificates"):
        for data in bundle.certificates:
            paper = certificate(data, trust)
            refuse("certificates", paper[1] not in papers)
            papers[paper[1]] = paper
    return papers


def events_of(bundle, papers):
    """Every event under its device's certificate, every chain without a gap."""
    events, chains = [], {}
    for index, data in bundle.of_kind("event"):
        with check("event_signature"):
            device = unverified_event(data)[1][1]
        refuse("certificates", device in papers)
        paper = papers[device]
        with check("event_signature"):
            value = event(data, paper[2])
        with check("chain"):
            chains.setdefault(device, Chain(paper[2])).follow(data, value)
        provider, children = paper.get(4), paper[6]
        events.append(Logged(index, sha256(data), value, paper[3], provider, children))
    return events, len(chains)


def subjects(events):
    """Which children each event's leaf is about: its own, and that of the event it speaks of."""
    named, found = {}, {}
    for logged in events:
        own, about = logged.event.get(8), named.get(logged.event.get(15))
        found[logged.index] = [child for child in (own, about) if child is not None]
        if own == about:
            del found[logged.index][1:]
        named[logged.hash] = own
    return found


def tags_made_again(bundle, trust, origin, about, close):
    """Every tag list follows from the leaves and the keys; together they reach the month's close."""
    refuse("tags", bundle.tag_keys is not None)
    nobody, pairs = bundle.tag_keys
    keys = dict(pairs)
    refuse("file", len(keys) == len(pairs))
    refuse("file", all(len(key) == 32 for key in (nobody, *keys.values())))
    done = 0
    with check("tags"):
        for index, data in bundle.of_kind("tags"):
            found = TagList(data, trust.log_keys(origin))
            refuse("tags", found.first == done and found.next <= index)
            covered = [about.get(leaf, []) for leaf in range(found.first, found.next)]
            refuse("tags", all(child in keys for children in covered for child in children))
            made = lambda leaf: [keys[child] for child in about.get(leaf, [])]
            refuse("tags", found.is_made_with(nobody, made))
            done = found.next
        refuse("tags", done > close)
    return done


def hashes_of(bundle):
    for _, salt, _ in bundle.leaves:
        refuse("leaves", len(salt) == 16)
    return [leaf_hash(salt, data) for _, salt, data in bundle.leaves]


def tranche_payload(data, trust, origin):
    """A tranche that the log of this name signed, in form and in balance."""
    envelope = Sign1(data)
    payload = envelope.by_any(trust.log_keys(origin), "qatysu/tranche/1")
    value = shaped(payload, TRANCHE)
    balanced(value)
    return value, payload


def signed_tranche(bundle, trust, origin):
    found = []
    with check("tranche"):
        for _, data in bundle.of_kind("tranche"):
            value, payload = tranche_payload(data, trust, origin)
            if value[1] == bundle.month:
                found.append(payload)
        refuse("tranche", len(found) == 1)
    return found[0]
