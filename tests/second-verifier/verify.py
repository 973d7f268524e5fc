#!/usr/bin/env python3
"""The second verifier: shares no code with the first, and must agree with it on every case.

  verify.py vectors FOLDER             every case of every file must give its expected verdict
  verify.py bundle FILE [--roots FILE] recompute a month from its audit bundle
  verify.py ed25519 FILE               the signature rule alone, on C2SP's CCTV vectors
  verify.py rules                      the worked examples of the rules of money

Exit codes: 0 all agree, 1 something does not, 2 wrong usage.
"""

import json
import sys
from datetime import date
from pathlib import Path

import fields
import forms
import packed
import proofs
import shown
import status
import strict
import timeline
import witness
from bundle import audit, tranche_payload
from cbor import Refused, refuse
from month import accrue, by_days, part_of_month, share

FORMS = {
    "bundle": lambda given, _: audit(given["bundle"], bytes.fromhex(given["roots"])),
    "card": lambda given, trust: forms.card(given["text"], trust, given["now_s"]),
    "certificate": lambda given, trust: forms.certificate(
        bytes.fromhex(given["certificate"]), trust, given.get("now_s")
    ),
    "chain": lambda given, _: forms.chain(
        map(bytes.fromhex, given["events"]), bytes.fromhex(given["key"])
    ),
    "checkpoint": lambda given, _: checkpoint(given["note"], given["key"]),
    "event": lambda given, _: forms.event(
        bytes.fromhex(given["event"]), bytes.fromhex(given["key"])
    ),
    "receipt": lambda given, trust: forms.receipt_file(given["file"], trust),
    "revocations": lambda given, trust: forms.revocations(bytes.fromhex(given["list"]), trust),
    "roster": lambda given, trust: forms.roster(
        bytes.fromhex(given["roster"]), trust, given["now_s"], given.get("at_ms")
    ),
    "signature": lambda given, _: signature(
        *(bytes.fromhex(given[name]) for name in ("key", "message", "signature"))
    ),
    "tag-list": lambda given, trust: forms.tag_list(
        bytes.fromhex(given["list"]), trust.log_keys(given["origin"]),
        given["first"], given["leaf"], bytes.fromhex(given["key"]), given["about"],
    ),
    "ticket": lambda given, _: forms.ticket(given["text"]),
    "tranche": lambda given, trust: tranche_payload(
        bytes.fromhex(given["tranche"]), trust, given["origin"]
    ),
    "trust-list": lambda given, _: forms.TrustList(
        bytes.fromhex(given["list"]),
        forms.trust_roots(bytes.fromhex(given["roots"])),
        given["highest_seen"],
    ),
    "trust-roots": lambda given, _: forms.trust_roots(bytes.fromhex(given["roots"])),
}
FORMS["card-holder"] = FORMS["card"]
for family in (fields, packed, proofs, shown, status, timeline, witness):
    FORMS |= family.FORMS


def checkpoint(note, key):
    key = forms.verifier_key(key)
    return forms.Note(note).verify(*key)


def signature(key, message, signed):
    refuse("weak_key", strict.is_key(key))
    refuse("bad_signature", strict.verify(key, message, signed))


def verdict(work, *given):
    """The code, and what was found or is answered beside it."""
    try:
        return "ok", work(*given)
    except Refused as refused:
        return refused.args[0], (*refused.args, None)[1]


def trust_of(file):
    trust = {}
    for name, given in file["trust"].items():
        roots = forms.trust_roots(bytes.fromhex(given["roots"]))
        trust[name] = forms.TrustList(bytes.fromhex(given["list"]), roots)
    return trust


def vectors(folder):
    """One line for each file; the names of what disagrees."""
    files = sorted(Path(folder).glob("*.json"))
    cases = wrong = 0
    for path in files:
        file = json.loads(path.read_text(encoding="utf-8"))
        trust, differs = trust_of(file), []
        for case in file["cases"]:
            given = case["inputs"], trust.get(case["trust"])
            found, output = verdict(FORMS[file["form"]], *given)
            if found != case["expected"]:
                differs.append(f"  {case['name']}: {found} instead of {case['expected']}")
            elif "output" in case and output != case["output"]:
                differs.append(f"  {case['name']}: gives {output} instead of {case['output']}")
        valid = sum(case["expected"] == "ok" for case in file["cases"])
        broken = len(file["cases"]) - valid
        counts = f"{valid} valid, {broken} broken, {len(differs)} disagree"
        print(f"{path.name}: {counts}", *differs, sep="\n")
        cases, wrong = cases + len(file["cases"]), wrong + len(differs)
    print(f"second verifier: {len(files)} files, {cases} cases, {wrong} disagree")
    return 0 if cases and not wrong else 1


def bundle(path, roots=None):
    source = Path(path).read_text(encoding="utf-8")
    pinned = Path(roots).read_bytes() if roots else None
    try:
        figures = audit(source, pinned)
    except Refused as refused:
        print(f"{Path(path).name}: differs, {refused.args[0]}")
        return 1
    print(f"{Path(path).name}: identical,", ", ".join(f"{name} {value}" for name, value in figures.items()))
    return 0


def ed25519(path):
    cases = json.loads(Path(path).read_text(encoding="utf-8"))
    accepted = sum(
        strict.verify(bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"]))
        for case in cases
    )
    print(f"{Path(path).name}: {len(cases)} cases, {accepted} accepted")
    return 0 if (len(cases), accepted) == (914, 43) else 1


def rules():
    """The worked examples of the rules document, in tiyn."""

    def parts(total, first, last):
        ends = {"from": date(*first), "to": date(*last), "total_tiyn": total}
        equal = {"split_mode": "EQUAL_PARTS"}
        months = range(first[1], last[1] + 1)
        return [part_of_month(ends, first[0] * 100 + month, equal) for month in months]

    by_visits, october = {"payout_policy": "VISIT_RATIO"}, 202610
    start, end = (2026, 9, 1), (2026, 12, 31)
    place = lambda first, last: {"from": date(*first), "to": date(*last)}
    until_15, from_16 = (by_days(3_000_000, place(*days), october) for days in (
        (start, (2026, 10, 15)), ((2026, 10, 16), end)
    ))
    examples = {
        "E1 parts": (parts(12_000_000, (2026, 9, 14), end), [3_000_000] * 4),
        "E1 cap": (share(3_000_000, 8, 13), 1_846_153),
        "E1 six and one excused of eight": (accrue(by_visits, 1_846_153, 6, 1, 8), 1_615_383),
        "E1 by days": (by_days(3_000_000, place((2026, 9, 14), end), 202609), 1_700_000),
        "E2 seven": (parts(10_000_000, (2026, 6, 1), end), [
            1_428_571, 1_428_571, 1_428_572, 1_428_571, 1_428_572, 1_428_571, 1_428_572
        ]),
        "E2 three": (parts(10_000_000, (2026, 10, 1), end), [3_333_333, 3_333_333, 3_333_334]),
        "E3 first cap": (until_15, 1_451_612),
        "E3 second cap": (from_16, 1_548_388),
        "E3 five of six": (accrue(by_visits, until_15, 5, 0, 6), 1_209_676),
        "E4 left": (by_days(3_000_000, place(start, (2026, 10, 10)), october), 967_741),
        "E4 joined": (by_days(3_000_000, place((2026, 10, 20), end), october), 1_161_291),
        "E5 six and three excused of twelve": (accrue(by_visits, 3_000_000, 6, 3, 12), 2_250_000),
        "E7 parts": (parts(10_000_000, start, end), [2_500_000] * 4),
    }
    wrong = [name for name, (found, expected) in examples.items() if found != expected]
    print(*(f"{name}: {examples[name]}" for name in wrong), sep="\n", end="\n" if wrong else "")
    print(f"rules: {len(examples)} worked examples, {len(wrong)} disagree")
    return 1 if wrong else 0


def main(words):
    match words:
        case ["vectors", folder]:
            return vectors(folder)
        case ["bundle", path]:
            return bundle(path)
        case ["bundle", path, "--roots", roots]:
            return bundle(path, roots)
        case ["ed25519", path]:
            return ed25519(path)
        case ["rules"]:
            return rules()
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
