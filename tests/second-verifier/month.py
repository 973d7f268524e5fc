"""A month's sums, from the snapshot and the events: the rules of attendance and money.

Numbers in the comments name the rules. Everything is whole tiyn and whole lessons. Nothing is looked
up that is not in the log.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from cbor import below, exactly, many, raw, record, refuse, sint, text, uint
from forms import COORDINATOR, PARENT, TEACHER
from snapshot import MINUTE, Lesson, days_of, instant, month_of, ordinal

IN, VOID, CONFIRM, DISPUTE, MONTH_SIGN, MONTH_CLOSE = 2, 6, 7, 8, 9, 11
MANUAL = 3
(PRESENT, LATE, UNEXCUSED, DISPUTED, AWAITING, HELD_MANUAL, HELD_DAY, HOLIDAY,
 NOT_ENROLLED) = range(9)
PAID, PENDING = {PRESENT, LATE}, {DISPUTED, AWAITING, HELD_MANUAL, HELD_DAY}


# Events of the log ---------------------------------------------------------------------------------


@dataclass
class Logged:
    """An event at its place, and what its device's certificate says."""

    index: int
    hash: bytes
    event: dict
    role: int
    provider: bytes | None
    children: list


@dataclass
class Visit:
    contract: dict
    lesson: Lesson
    logged: Logged
    late: bool
    withdrawn: bool = False
    confirmed: bool = False
    disputed: bool = False
    by: int | None = None


def closing_leaf(snapshots, events, month):
    """The first close by a coordinator of the district that was not too early, and the newest snapshot before it."""
    after = list(days_of(month))[-1] + timedelta(days=1)
    for logged in events:
        event = logged.event
        of_district = logged.role == COORDINATOR and logged.provider is None
        if (event[4], event.get(16)) == (MONTH_CLOSE, month) and of_district:
            snapshot = [found for index, found in snapshots if index < logged.index][-1]
            params = snapshot.rules(month)
            if params and event[5] >= instant(after - timedelta(days=params["close_lead_days"])):
                return logged.index, snapshot
    return None, None


class Fold:
    """What the events before the close say of the month's lessons."""

    def __init__(self, snapshot, events, month, params):
        self.params, self.month = params, month
        self.contracts = {contract["voucher"]: contract for contract in snapshot.contracts}
        self.lessons = {
            lesson.id: lesson
            for group in snapshot.groups
            for lesson in snapshot.schedule(group, month, params)
        }
        self.scans, self.counted = {}, {}
        for logged in events:
            if logged.event[4] == IN:
                visit = self.scan(logged)
                if visit:
                    self.scans.setdefault(logged.hash, visit)
        for logged in events:
            if logged.event[4] == VOID:
                self.withdraw(logged)
        # At most one visit for a voucher and a lesson; the first in the log counts (rule 4).
        for visit in sorted(self.scans.values(), key=lambda visit: visit.logged.index):
            if not visit.withdrawn:
                place = (visit.contract["voucher"], visit.lesson.id)
                self.counted.setdefault(place, visit)
        for logged in events:
            self.answer(logged)

    def scan(self, logged):
        """A visit, if a teacher of the provider saw an enrolled child, and says how."""
        event, params = logged.event, self.params
        lesson = self.lessons.get(event.get(10))
        if lesson is None or lesson.off or logged.role != TEACHER:
            return None
        if logged.provider != lesson.provider or event.get(11, lesson.provider) != lesson.provider:
            return None
        contract = self.contracts.get(event.get(9))
        if contract is None or contract["group"] != lesson.group:
            return None
        if event.get(8) != contract["child"] or not contract["from"] <= lesson.day <= contract["to"]:
            return None
        if 12 not in event or (event[12] == MANUAL and 14 not in event):
            return None
        # Late from `late_min` on, and after the scan window; early or late is no refusal (rule 5).
        at, end = event[5], lesson.end + params["scan_late_min"] * MINUTE
        late = at > lesson.start + params["late_min"] * MINUTE or at > end
        return Visit(contract, lesson, logged, late)

    def withdraw(self, void):
        """Only the device that recorded a visit withdraws it."""
        visit = self.scans.get(void.event.get(15))
        if visit and void.role == TEACHER and void.event[1] == visit.logged.event[1]:
            visit.withdrawn = True

    def answer(self, logged):
        """The family's last word counts; a signed month confirms what nobody disputed (R3)."""
        event = logged.event
        kind = event[4]
        if kind == MONTH_SIGN and event.get(16) == self.month:
            child = event.get(8)
            if logged.role != PARENT or child not in logged.children:
                return
            for visit in self.counted.values():
                unanswered = not visit.confirmed and not visit.disputed
                before = visit.logged.index < logged.index
                if visit.contract["child"] == child and before and unanswered:
                    visit.confirmed, visit.by = True, logged.index
        if kind not in (CONFIRM, DISPUTE):
            return
        named = self.scans.get(event.get(15))
        if named is None:
            return
        child = named.contract["child"]
        if logged.role != PARENT or child not in logged.children or event.get(8, child) != child:
            return
        visit = self.counted.get((named.contract["voucher"], named.lesson.id))
        # "Was" of a withdrawn scan says nothing of the one that replaced it; "was not" stands.
        if visit and (kind == DISPUTE or not named.withdrawn):
            visit.confirmed, visit.disputed = kind == CONFIRM, kind == DISPUTE
            visit.by = logged.index


class Row:
    """A voucher's month: one code for each lesson of the group's schedule."""

    def __init__(self, contract, lessons, counted):
        self.contract, self.days = contract, []
        for lesson in lessons:
            visit = counted.get((contract["voucher"], lesson.id))
            enrolled = contract["from"] <= lesson.day <= contract["to"]
            if lesson.off:
                code = HOLIDAY
            elif not enrolled:
                code = NOT_ENROLLED
            elif visit is None:
                code = UNEXCUSED
            elif visit.disputed:
                code = DISPUTED
            elif not visit.confirmed:
                code = AWAITING
            else:
                code = LATE if visit.late else PRESENT
            self.days.append([lesson, code, visit])
        held = [day for day in self.days if not day[0].off]
        self.planned_in_month = len(held)
        self.planned = sum(contract["from"] <= day[0].day <= contract["to"] for day in held)

    def hold_marks_by_hand(self, percent):
        """Beyond a share of the undisputed visits they wait; the earliest are let through (rule 10)."""
        undisputed = sum(visit is not None and not visit.disputed for _, _, visit in self.days)
        allowed = undisputed * percent // 100
        by_hand = [d for d in self.days if d[1] in PAID and d[2].logged.event[12] == MANUAL]
        for day in by_hand[allowed:]:
            day[1] = HELD_MANUAL

    def count(self, codes):
        return sum(code in codes for _, code, _ in self.days)


def hold_beyond_day_limit(rows, allowed):
    """A child is paid for so many visits a day; the earliest are let through (rule 6)."""
    of_day = defaultdict(list)
    for row in rows:
        for day in row.days:
            if day[1] in PAID:
                of_day[row.contract["child"], day[0].day].append(day)
    for days in of_day.values():
        for day in sorted(days, key=lambda day: (day[0].start, day[0].id))[allowed:]:
            day[1] = HELD_DAY


# Money ---------------------------------------------------------------------------------------------


def share(amount, part, whole):
    return amount * part // whole if whole else 0


def part_of_month(contract, month, params):
    """P_k = ⌊k·T/N⌋ − ⌊(k−1)·T/N⌋, or the norm while the total lasts (rule 30)."""
    first, last = month_of(contract["from"]), month_of(contract["to"])
    k, parts = ordinal(month) - ordinal(first) + 1, ordinal(last) - ordinal(first) + 1
    total = contract["total_tiyn"]
    if params["split_mode"] == "EQUAL_PARTS":
        return share(total, k, parts) - share(total, k - 1, parts)
    norm = params["month_norm_tiyn"]
    return max(0, min(norm, total - norm * (k - 1)))


def cap_of(plan, row, month, params):
    """The share of the part that the enrolment covers (rule 31)."""
    if params["basis"] == "LESSONS":
        return share(plan, row.planned, row.planned_in_month)
    # By calendar days the caps of before, inside and after are rounded cumulatively.
    days = list(days_of(month))
    before = sum(day < row.contract["from"] for day in days)
    until = sum(day <= row.contract["to"] for day in days)
    return share(plan, until, len(days)) - share(plan, before, len(days))


def accrue(params, cap, visits, planned):
    """A, of so many visits of so many planned lessons (rules 32 and 33)."""
    n = min(visits, planned)
    if planned == 0:
        return 0
    policy = params["payout_policy"]
    if policy == "ENROLMENT":
        return cap if visits >= params["min_confirmed"] else 0
    if policy == "THRESHOLD" and n * 100 >= planned * params["full_pay_at_percent"]:
        return cap
    return share(cap, n, planned)


def line_of(row, month, params):
    """One voucher's sums: plan = accrued + held + released (rule 34)."""
    plan = part_of_month(row.contract, month, params)
    cap = cap_of(plan, row, month, params)
    paid, pending = row.count(PAID), row.count(PENDING)
    accrued = accrue(params, cap, paid, row.planned)
    held = accrue(params, cap, paid + pending, row.planned) - accrued
    visits = [visit for _, _, visit in row.days if visit]
    leaves = {visit.logged.index for visit in visits} | {visit.by for visit in visits} - {None}
    unpaid = [
        {0: int(f"{lesson.day:%Y%m%d}"), 1: code} for lesson, code, _ in row.days if code not in PAID
    ]
    return {
        0: row.contract["provider"], 1: row.contract["voucher"], 2: row.contract["child"], 3: plan,
        4: cap, 5: row.planned, 6: paid, 7: 0, 8: pending, 9: accrued, 10: held,
        11: plan - accrued - held, 12: sorted(leaves), 13: unpaid,
    }


def compute(snapshot, events, month, origin, tree_size, root):
    """The month's tranche, as the fields of its signed payload."""
    params = snapshot.rules(month)
    refuse("recomputed_tranche", params)
    before = [logged for logged in events if logged.index < tree_size - 1]
    fold = Fold(snapshot, before, month, params)
    rows = []
    for contract in snapshot.contracts:
        if month_of(contract["from"]) <= month <= month_of(contract["to"]):
            lessons = list(snapshot.schedule(contract["group"], month, params))
            rows.append(Row(contract, lessons, fold.counted))
    for row in rows:
        row.hold_marks_by_hand(params["l0_share_max_percent"])
    hold_beyond_day_limit(rows, params["max_payable_visits_per_child_day"])
    rows.sort(key=lambda row: (row.contract["provider"], row.contract["voucher"]))
    lines = [line_of(row, month, params) for row in rows]
    totals = {number: sum(line[at] for line in lines) for number, at in enumerate((3, 9, 10, 11))}
    return {
        0: 1, 1: month, 2: origin, 3: tree_size, 4: root, 5: snapshot.hash,
        6: params["rule_version"], 7: lines, 8: totals,
    }


# A tranche's own form ------------------------------------------------------------------------------


def is_month(value):
    return type(value) is int and 2000 <= value // 100 <= 2199 and 1 <= value % 100 <= 12


def is_day(value):
    try:
        return uint(32)(value) and bool(date(value // 10_000, value // 100 % 100, value % 100))
    except ValueError:
        return False


SUMS = record({0: sint, 1: sint, 2: sint, 3: sint})
LINE = record({
    0: raw(8), 1: raw(8), 2: raw(12), 3: sint, 4: sint, 5: uint(32), 6: uint(32), 7: uint(32),
    8: uint(32), 9: sint, 10: sint, 11: sint, 12: many(uint(64)),
    13: many(record({0: is_day, 1: below(9)})),
})
TRANCHE = record({
    0: uint(8), 1: is_month, 2: text, 3: uint(64), 4: raw(32), 5: raw(32), 6: text, 7: many(LINE),
    8: SUMS,
})


def balanced(tranche):
    """Version, order and balance of a tranche of proper form."""
    refuse("unknown_version", exactly(1)(tranche[0]))
    last = None
    for line in tranche[7]:
        place = (line[0], line[1])
        refuse("disorder", last is None or last < place)
        last = place
        plan, sums = line[3], (line[9], line[10], line[11])
        refuse("unbalanced", min(plan, *sums) >= 0 and plan == sum(sums))
    totals = {number: sum(line[at] for line in tranche[7]) for number, at in enumerate((3, 9, 10, 11))}
    refuse("totals", totals == tranche[8])
