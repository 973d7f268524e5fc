"""The snapshot: providers, groups, contracts, calendar and dated rules, and the lessons they plan."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from cbor import Refused, refuse, sha256

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = 60_000


def instant(day, minute=0):
    """Milliseconds of a local time, UTC+5 (rule 1)."""
    return ((day - date(1970, 1, 1)).days * 1440 + minute - 300) * MINUTE


def days_of(month):
    day = date(month // 100, month % 100, 1)
    while day.month == month % 100:
        yield day
        day += timedelta(days=1)


def month_of(day):
    return day.year * 100 + day.month


def ordinal(month):
    return month // 100 * 12 + month % 100


PARAMS = {
    "effective_from": str, "rule_version": str, "split_mode": ("EQUAL_PARTS", "MONTH_NORM"),
    "month_norm_tiyn": 10**12, "basis": ("LESSONS", "CALENDAR"),
    "payout_policy": ("VISIT_RATIO", "ENROLMENT", "THRESHOLD"), "excused_cap_percent": 100,
    "min_confirmed": 2**32 - 1, "full_pay_at_percent": 100, "l0_share_max_percent": 100,
    "max_payable_visits_per_child_day": 2**32 - 1, "open_before_min": 1440,
    "close_after_min": 1440, "scan_early_min": 1440, "scan_late_min": 1440, "late_min": 1440,
    "close_lead_days": 28, "transferred_day_off_cancels_weekday": bool,
    "transferred_day_off_cancels_weekend": bool,
}
ISSUER = {"bin": str, "name": str}
PROVIDER = {"id": str, "bin": str, "name": str}
GROUP = {"id": str, "provider": str, "name": str, "weekdays": list, "start": str, "minutes": 1440}
CONTRACT = {
    "voucher": str, "number": str, "child": str, "group": str, "provider": str,
    "total_tiyn": 10**12, "from": str, "to": str,
}
SEGMENT = {"group": str, "provider": str, "from": str, "to": str}
CALENDAR = {"version": 2**32 - 1, "official_off": list, "transferred_off": list}
# Absent where they say nothing of their own.
OPTIONAL = {"segments": list, "working": list}
U32, YEAR = 2**32 - 1, 366
# Rules in groups, absent where all are the defaults: the default, and the largest allowed.
NESTED = {
    "voucher": {
        "accept_ttl": (2, YEAR), "contract_ttl": (5, YEAR), "extend_once": (30, YEAR),
        "restore_once_within": (28, YEAR), "transfers_per_quarter": (2, U32),
        "active_vouchers_per_child": (1, U32),
    },
    "suspension": {
        "cure_months": (4, YEAR), "objection_days": (5, YEAR), "payer_lag_days": (10, YEAR),
        "payment_day": (18, YEAR),
    },
    "steps": {
        "soft_close": (2, U32), "parents_sign": (7, U32), "sheet": (8, U32), "check": (12, U32),
        "act": (14, U32), "request": (16, U32), "payment": (18, U32), "supplementary": (28, U32),
        "fiscal_year_soft_close": (20, U32),
    },
    "corrections": {
        "hold_release_two_person": (1_000_000, 2**63 - 1), "adjust_max_months": (3, U32),
    },
}
SNAPSHOT = {
    "version": 2**32 - 1, "issuer": dict, "providers": list, "groups": list, "contracts": list,
    "calendar": dict, "params": list,
}


def fields(value, shape, *optional):
    """The record with its fields in their order; a number in the shape is the largest allowed."""
    refuse("snapshot", type(value) is dict)
    more = {name: kind for name, kind in OPTIONAL.items() if name in value and name in optional}
    shape = shape | more
    refuse("snapshot", value.keys() == shape.keys())
    for name, kind in shape.items():
        found = value[name]
        if type(kind) is int:
            refuse("snapshot", type(found) is int and 0 <= found <= kind)
        elif type(kind) is tuple:
            refuse("snapshot", found in kind)
        else:
            refuse("snapshot", type(found) is kind)
    return {name: value[name] for name in shape if name not in more or value[name]}


def rules_of(value):
    """The rules of a date. Groups of them are whole in the one form, or absent."""
    refuse("snapshot", type(value) is dict)
    found = fields({name: one for name, one in value.items() if name not in NESTED}, PARAMS)
    for name, known in NESTED.items():
        given = value.get(name, {})
        refuse("snapshot", type(given) is dict and given.keys() <= known.keys())
        group = {key: given.get(key, default) for key, (default, _) in known.items()}
        for key, number in group.items():
            refuse("snapshot", type(number) is int and 0 <= number <= known[key][1])
        if group != {key: default for key, (default, _) in known.items()}:
            found[name] = group
    refuse("snapshot", found.get("voucher", {}).get("active_vouchers_per_child", 1))
    return found


def a_day(value):
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused("snapshot") from None
    refuse("snapshot", day.isoformat() == value)
    return day


def hex_id(value, length):
    try:
        found = bytes.fromhex(value)
    except ValueError:
        raise Refused("snapshot") from None
    refuse("snapshot", len(found) == length and found.hex() == value)
    return found


def unique(values):
    values = list(values)
    refuse("snapshot", len(set(values)) == len(values))
    return values


@dataclass(frozen=True)
class Lesson:
    id: bytes
    group: bytes
    provider: bytes
    day: date
    start: int
    end: int
    off: bool


class Snapshot:
    """Providers, groups, contracts, calendar and dated rules; its hash is that of its one form."""

    def __init__(self, payload):
        try:
            whole = json.loads(payload.decode())
        except ValueError:
            raise Refused("snapshot") from None
        if type(whole) is dict and type(whole.get("calendar")) is dict:
            whole["calendar"].setdefault("transferred_off", [])
        whole = fields(whole, SNAPSHOT)
        self.version = whole["version"]
        refuse("snapshot", self.version >= 1)
        whole["issuer"] = fields(whole["issuer"], ISSUER)
        whole["calendar"] = fields(whole["calendar"], CALENDAR, "working")
        for name, shape, order in (
            ("providers", PROVIDER, "id"), ("groups", GROUP, "id"),
            ("contracts", CONTRACT, "voucher"), ("params", PARAMS, "effective_from"),
        ):
            read = rules_of if name == "params" else lambda one: fields(one, shape, "segments")
            records = [read(value) for value in whole[name]]
            unique(record[order] for record in records)
            whole[name] = sorted(records, key=lambda record: record[order])
        self.calendar, self.params = whole["calendar"], whole["params"]
        self.providers, self.groups, self.contracts = {}, {}, []
        self.look(whole)
        for name in ("official_off", "transferred_off", "working"):
            self.calendar.get(name, []).sort()
        for contract in whole["contracts"]:
            if "segments" in contract:
                contract["segments"] = [fields(one, SEGMENT) for one in contract["segments"]]
        for group in whole["groups"]:
            group["weekdays"].sort(key=WEEK.index)
        written = json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
        self.hash = sha256(written.encode())

    def look(self, whole):
        """References, doubles, dates and sums."""
        for provider in whole["providers"]:
            self.providers[hex_id(provider["id"], 8)] = provider
        for who in [whole["issuer"], *whole["providers"]]:
            number = who["bin"]
            refuse("snapshot", len(number) == 12 and number.isascii() and number.isdigit())
        for name in ("official_off", "transferred_off", "working"):
            unique(map(a_day, self.calendar.get(name, [])))
        for params in self.params:
            a_day(params["effective_from"])
            refuse("snapshot", params["rule_version"])
        for group in whole["groups"]:
            self.look_at_group(group)
        unique(contract["number"] for contract in whole["contracts"])
        for contract in whole["contracts"]:
            self.look_at_contract(contract)

    def look_at_group(self, group):
        refuse("snapshot", hex_id(group["provider"], 8) in self.providers)
        refuse("snapshot", group["weekdays"] and all(day in WEEK for day in unique(group["weekdays"])))
        start = group["start"]
        refuse("snapshot", len(start) == 5 and start[2] == ":" and start.isascii())
        refuse("snapshot", (start[:2] + start[3:]).isdigit())
        hours, minutes = int(start[:2]), int(start[3:])
        refuse("snapshot", hours < 24 and minutes < 60 and group["minutes"] > 0)
        refuse("snapshot", hours * 60 + minutes + group["minutes"] <= 1440)
        self.groups[hex_id(group["id"], 8)] = group

    def look_at_contract(self, contract):
        found = dict(contract)
        for name, length in (("voucher", 8), ("child", 12), ("group", 8), ("provider", 8)):
            found[name] = hex_id(contract[name], length)
        found["from"], found["to"] = a_day(contract["from"]), a_day(contract["to"])
        group = self.groups.get(found["group"])
        refuse("snapshot", group and group["provider"] == contract["provider"])
        refuse("snapshot", contract["number"] and found["from"] <= found["to"])
        refuse("snapshot", found["from"].year == found["to"].year and 2000 <= found["to"].year < 2200)
        refuse("snapshot", self.rules(month_of(found["from"])))
        found["places"] = self.places_of(contract, found)
        self.contracts.append(found)

    def places_of(self, contract, found):
        """Where the child learns, in order: each place after the one before, inside the contract."""
        alone = {name: found[name] for name in ("group", "provider", "from", "to")}
        places, free = [], found["from"]
        for one in contract.get("segments", []):
            place = fields(one, SEGMENT)
            group = self.groups.get(hex_id(place["group"], 8))
            refuse("snapshot", group and group["provider"] == place["provider"])
            place |= {name: hex_id(place[name], 8) for name in ("group", "provider")}
            place |= {name: a_day(place[name]) for name in ("from", "to")}
            refuse("snapshot", free <= place["from"] <= place["to"] <= found["to"])
            free = place["to"] + timedelta(days=1)
            places.append(place)
        places = places or [alone]
        refuse("snapshot", places[0]["group"] == found["group"])
        return places

    def nested(self, day, name):
        """A group of rules in force on a day."""
        known = [one for one in self.params if one["effective_from"] <= day.isoformat()]
        defaults = {key: default for key, (default, _) in NESTED[name].items()}
        return known[-1].get(name, defaults) if known else defaults

    def nested_of_month(self, month, name):
        return self.nested(date(month // 100, month % 100, 1), name)

    def suspension(self, day):
        return self.nested(day, "suspension")

    def rules(self, month):
        """Those in force on the month's first day."""
        first = f"{month // 100:04}-{month % 100:02}-01"
        known = [params for params in self.params if params["effective_from"] <= first]
        return known[-1] if known else None

    def schedule(self, group_id, month, params):
        """Every lesson of a group, and whether a day off takes it away (rule 18)."""
        group = self.groups[group_id]
        weekend = {"sat", "sun"} & set(group["weekdays"])
        kind = "weekend" if weekend else "weekday"
        off = set(self.calendar["official_off"])
        if params[f"transferred_day_off_cancels_{kind}"]:
            off |= set(self.calendar["transferred_off"])
        minute = int(group["start"][:2]) * 60 + int(group["start"][3:])
        for day in days_of(month):
            if WEEK[day.weekday()] in group["weekdays"]:
                start = instant(day, minute)
                name = sha256(b"qatysu/lesson/1", group_id, start.to_bytes(8, "big", signed=True))
                yield Lesson(
                    name[:8], group_id, bytes.fromhex(group["provider"]), day, start,
                    start + group["minutes"] * MINUTE, day.isoformat() in off,
                )
