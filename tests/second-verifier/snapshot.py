"""The snapshot: providers, groups, contracts, calendar and dated rules, and the lessons they plan."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

from admission import admission
from cbor import Refused, refuse, sha256
from volumes import budgets

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
# Written only where they are not what they usually are: the form, and the usual value.
PARAMS_MORE = {
    "fold_edition": (("FIRST", "SECOND"), "FIRST"), "absence_reason_days": (366, 5),
    "sick_doc_days": (366, 10), "make_up_window_days": (366, 30), "visit_confirm_days": (366, 7),
    "dispute_days": (366, 5), "families_per_device_max": (2**32 - 1, 2),
    "tacit_acceptance": (bool, False), "l0_group_share_max_percent": (100, None),
    "signed_acts_required": (bool, False), "revision_days": (366, 2),
}
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
    # No sum rests on these: they say when somebody should look.
    "signals": {
        "share_visits_min": (5, U32), "sync_deadline_h": (72, U32),
        "late_share_max_percent": (20, 100), "previous_day_share_max_percent": (10, 100),
        "outside_events_max": (0, U32), "burst_scans_max": (8, U32), "burst_seconds": (10, U32),
        "lesson_burst_children_min": (5, U32), "lesson_burst_seconds": (60, U32),
        "lesson_burst_times": (5, U32), "lesson_burst_past_min": (3, U32),
        "same_order_lessons": (5, U32), "same_order_children_min": (4, U32),
        "full_attendance_months": (2, U32), "full_attendance_lessons_min": (6, U32),
        "travel_min": (20, U32), "guardian_families_max": (1, U32),
        "unsigned_visits_min": (4, U32), "group_capacity": (20, U32), "silent_h": (72, U32),
        "bulk_events_min": (40, U32), "bulk_within_min": (10, U32), "month_end_days": (3, U32),
        "month_end_share_max_percent": (50, 100), "aside_events_max": (0, U32),
        "card_grace_h": (72, U32), "rooms_overlap_max_min": (0, U32),
        "not_held_scans_max": (0, U32), "inspection_drop_max_percent": (30, 100),
        "inspection_days": (14, U32), "spot_check_per_mille": (20, 1000),
        "headcount_mismatch_max": (1, U32), "reconfirm_days": (90, U32),
    },
}
SNAPSHOT_MORE = {
    "narrower": (list, []), "country": (list, []), "budget": (list, []), "admission": (dict, None),
}
NARROWER = {"id": str, "scope": dict, "rules": dict}
CONTRACT_MORE = {"family": (2**32 - 1, None), "segments": (list, [])}
SEGMENT = {"group": str, "provider": str, "from": str, "to": str}
CALENDAR_MORE = {"working": (list, [])}
ISSUER = {"bin": str, "name": str}
PROVIDER = {"id": str, "bin": str, "name": str}
GROUP = {"id": str, "provider": str, "name": str, "weekdays": list, "start": str, "minutes": 1440}
CONTRACT = {
    "voucher": str, "number": str, "child": str, "group": str, "provider": str,
    "total_tiyn": 10**12, "from": str, "to": str,
}
CALENDAR = {"version": 2**32 - 1, "official_off": list, "transferred_off": list}
SNAPSHOT = {
    "version": 2**32 - 1, "issuer": dict, "providers": list, "groups": list, "contracts": list,
    "calendar": dict, "params": list,
}


def fields(value, shape, more={}):
    """The record with its fields in their order; a number in the shape is the largest allowed."""
    refuse("snapshot", type(value) is dict)
    refuse("snapshot", shape.keys() <= value.keys() <= shape.keys() | more.keys())
    kept = {}
    for name, kind in shape.items():
        of_form(value[name], kind)
        kept[name] = value[name]
    for name, (kind, usual) in more.items():
        found = value.get(name, usual)
        if found is not None or usual is not None:
            of_form(found, kind)
        kept[name] = found
    return kept


def of_form(found, kind):
    if type(kind) is int:
        refuse("snapshot", type(found) is int and 0 <= found <= kind)
    elif type(kind) is tuple:
        refuse("snapshot", found in kind)
    else:
        refuse("snapshot", type(found) is kind)


def written(records, more):
    """The records as they are written: without the fields that are what they usually are."""
    usual = {name: value for name, (_, value) in more.items()}
    for record in records:
        yield {
            name: value for name, value in record.items()
            if name not in usual or value != usual[name]
        }


def rules_of(value):
    """The rules of a date. Groups of them are whole in the one form, or absent."""
    refuse("snapshot", type(value) is dict)
    flat = {name: one for name, one in value.items() if name not in NESTED}
    found = fields(flat, PARAMS, PARAMS_MORE)
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


def narrower(value):
    """Rules for a programme's groups, or for a provider."""
    one = fields(value, NARROWER)
    one["rules"] = rules_of(one["rules"])
    scope = one["scope"]
    refuse("snapshot", len(scope) == 1 and scope.keys() <= {"programme", "provider"})
    refuse("snapshot", type(scope.get("programme", [])) is list)
    refuse("snapshot", all(type(group) is str for group in scope.get("programme", [])))
    refuse("snapshot", type(scope.get("provider", "")) is str)
    return one


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


def day_of(instant_ms):
    """The local day of an instant of the years 2000 to 2199; nothing for another."""
    if not instant(date(2000, 1, 1)) <= instant_ms < instant(date(2200, 1, 1)):
        return None
    return date(1970, 1, 1) + timedelta(days=(instant_ms // MINUTE + 300) // 1440)


def lesson_id(group, start):
    return sha256(b"qatysu/lesson/1", group, start.to_bytes(8, "big", signed=True))[:8]


@dataclass
class Lesson:
    """A planned lesson, and what became of it: `missed` is in the plan and not paid."""

    id: bytes
    group: bytes
    provider: bytes
    day: date
    start: int
    end: int
    off: bool
    missed: bool = False
    cancelled: bool = False
    by: int | None = None


class Snapshot:
    """Providers, groups, contracts, calendar and dated rules; its hash is that of its one form."""

    def __init__(self, payload):
        try:
            whole = json.loads(payload.decode())
        except ValueError:
            raise Refused("snapshot") from None
        if type(whole) is dict and type(whole.get("calendar")) is dict:
            whole["calendar"].setdefault("transferred_off", [])
        whole = fields(whole, SNAPSHOT, SNAPSHOT_MORE)
        self.version = whole["version"]
        refuse("snapshot", self.version >= 1)
        whole["issuer"] = fields(whole["issuer"], ISSUER)
        whole["calendar"] = fields(whole["calendar"], CALENDAR, CALENDAR_MORE)
        for name, read, order in (
            ("providers", lambda one: fields(one, PROVIDER), "id"),
            ("groups", lambda one: fields(one, GROUP), "id"),
            ("contracts", lambda one: fields(one, CONTRACT, CONTRACT_MORE), "voucher"),
            ("params", rules_of, "effective_from"),
            ("country", rules_of, "effective_from"),
        ):
            records = [read(value) for value in whole[name]]
            unique(record[order] for record in records)
            whole[name] = sorted(records, key=lambda record: record[order])
        self.calendar, self.params = whole["calendar"], whole["params"]
        self.country = whole["country"]
        self.narrower = sorted(map(narrower, whole["narrower"]), key=lambda one: one["id"])
        unique(one["id"] for one in self.narrower)
        self.providers, self.groups, self.contracts = {}, {}, []
        self.look(whole)
        for name in ("official_off", "transferred_off", "working"):
            self.calendar[name].sort()
        for contract in whole["contracts"]:
            contract["segments"] = [fields(one, SEGMENT) for one in contract["segments"]]
        for group in whole["groups"]:
            group["weekdays"].sort(key=WEEK.index)
        whole["contracts"] = list(written(whole["contracts"], CONTRACT_MORE))
        for name in ("params", "country"):
            whole[name] = list(written(whole[name], PARAMS_MORE))
        (whole["calendar"],) = written([self.calendar], CALENDAR_MORE)
        whole["narrower"] = [
            one | {"rules": next(written([one["rules"]], PARAMS_MORE))} for one in self.narrower
        ]
        names = {group["id"] for group in whole["groups"]}
        self.budget = whole["budget"] = budgets(whole["budget"], names, a_day)
        if whole["admission"] is not None:
            whole["admission"] = admission(whole["admission"], a_day)
        self.admission = whole["admission"]
        (whole,) = written([whole], SNAPSHOT_MORE)
        text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
        self.hash = sha256(text.encode())

    def look(self, whole):
        """References, doubles, dates and sums."""
        for provider in whole["providers"]:
            self.providers[hex_id(provider["id"], 8)] = provider
        for who in [whole["issuer"], *whole["providers"]]:
            number = who["bin"]
            refuse("snapshot", len(number) == 12 and number.isascii() and number.isdigit())
        for name in ("official_off", "transferred_off", "working"):
            unique(map(a_day, self.calendar[name]))
        for params in [*self.country, *self.params, *(one["rules"] for one in self.narrower)]:
            a_day(params["effective_from"])
            refuse("snapshot", params["rule_version"])
        for group in whole["groups"]:
            self.look_at_group(group)
        for one in self.narrower:
            scope = one["scope"]
            if "provider" in scope:
                refuse("snapshot", hex_id(scope["provider"], 8) in self.providers)
            else:
                named = unique(hex_id(group, 8) for group in scope["programme"])
                refuse("snapshot", all(group in self.groups for group in named))
                scope["programme"].sort()
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

    def rules(self, month):
        """Those in force on the month's first day: the district's, else the country's."""
        first = f"{month // 100:04}-{month % 100:02}-01"
        for rules in (self.params, self.country):
            known = [params for params in rules if params["effective_from"] <= first]
            if known:
                return known[-1]
        return None

    def rules_for(self, month, group_id):
        """The narrowest in force that cover the group, else the district's."""
        first = f"{month // 100:04}-{month % 100:02}-01"
        name, provider = group_id.hex(), self.groups[group_id]["provider"]
        covering = []
        for one in self.narrower:
            rank = "provider" in one["scope"]
            covers = one["scope"]["provider"] == provider if rank else name in one["scope"]["programme"]
            since = one["rules"]["effective_from"]
            if covers and since <= first:
                covering.append((rank, since, one["id"], one["rules"]))
        return max(covering, key=lambda one: one[:3])[3] if covering else self.rules(month)

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
                yield Lesson(
                    lesson_id(group_id, start), group_id, bytes.fromhex(group["provider"]), day, start,
                    start + group["minutes"] * MINUTE, day.isoformat() in off,
                )

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
