"""The volumes of the order and what corrected them: their form. They change no sum of a month."""

from cbor import refuse

LARGEST = 10**15
BUDGET = ("id", "groups", "from", "to", "norm_tiyn", "volume_tiyn", "day", "document", "corrections")
CORRECTION = ("day", "reason", "document", "amount_tiyn")
ABSENT_WHEN_EMPTY = ("groups", "corrections")


def record(value, names):
    """The fields in their order; lists that are empty are not written."""
    refuse("snapshot", type(value) is dict and value.keys() <= set(names))
    for name in names:
        refuse("snapshot", name in value or name in ABSENT_WHEN_EMPTY)
        refuse("snapshot", name not in ABSENT_WHEN_EMPTY or type(value.get(name, [])) is list)
    dropped = {name for name in ABSENT_WHEN_EMPTY if not value.get(name)}
    return {name: value[name] for name in names if name not in dropped}


def text(value):
    refuse("snapshot", type(value) is str and value)
    return value


def amount(value, least, largest=LARGEST):
    refuse("snapshot", type(value) is int and least <= value <= largest)
    return value


def a_month(value):
    refuse("snapshot", type(value) is str and len(value) == 7 and value[4] == "-")
    digits = value[:4] + value[5:]
    refuse("snapshot", digits.isascii() and digits.isdigit())
    refuse("snapshot", 2000 <= int(value[:4]) < 2200 and 1 <= int(value[5:]) <= 12)
    return value


def budgets(values, groups, a_day):
    """The records in their one order. `groups` are the ids that are known, `a_day` reads a day."""
    found = [budget(value, groups, a_day) for value in values]
    ids = [one["id"] for one in found]
    refuse("snapshot", len(set(ids)) == len(ids))
    general = [one["from"][:4] for one in found if "groups" not in one]
    refuse("snapshot", len(set(general)) == len(general))
    named = [(one["from"][:4], group) for one in found for group in one.get("groups", [])]
    refuse("snapshot", len(set(named)) == len(named))
    return sorted(found, key=lambda one: one["id"].encode())


def budget(value, groups, a_day):
    one = record(value, BUDGET)
    text(one["id"]), text(one["document"])
    if "groups" in one:
        refuse("snapshot", all(type(group) is str and group in groups for group in one["groups"]))
        one["groups"] = sorted(one["groups"])
    first, last = a_month(one["from"]), a_month(one["to"])
    refuse("snapshot", first <= last and first[:4] == last[:4])
    amount(one["norm_tiyn"], 1)
    volume, day = amount(one["volume_tiyn"], 0), a_day(one["day"])
    corrections = []
    for value in one.get("corrections", []):
        correction = record(value, CORRECTION)
        text(correction["reason"]), text(correction["document"])
        refuse("snapshot", day <= a_day(correction["day"]))
        day = a_day(correction["day"])
        refuse("snapshot", amount(correction["amount_tiyn"], -LARGEST) != 0)
        volume = amount(volume + correction["amount_tiyn"], 0)
        corrections.append(correction)
    if corrections:
        one["corrections"] = corrections
    return one


def keeps(known, newer):
    """Whether every entry is as it was: corrections and groups are added, nothing else changes."""
    by_id = {one["id"]: one for one in newer}
    for old in known:
        new = by_id.get(old["id"])
        if new is None or ("groups" in old) != ("groups" in new):
            return False
        groups, corrections = old.get("groups", []), old.get("corrections", [])
        if not set(groups) <= set(new.get("groups", [])):
            return False
        if new.get("corrections", [])[: len(corrections)] != corrections:
            return False
        changed = {name for name in BUDGET if old.get(name) != new.get(name)}
        if not changed <= set(ABSENT_WHEN_EMPTY):
            return False
    return True
