"""A month's sums, from the snapshot and the events: the rules of attendance and money.

Numbers in the comments name the rules. Everything is whole tiyn and whole lessons. Nothing is looked
up that is not in the log. What the second edition of the fold reads beside scans, withdrawals and
answers is in `edition.py`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import decided
import edition
from cbor import below, exactly, many, raw, record, refuse, sint, text, uint
from forms import COORDINATOR, ISSUER_HEAD, PARENT, TEACHER
from snapshot import MINUTE, Lesson, day_of, days_of, instant, month_of, ordinal

IN, ABSENT, VOID, CONFIRM, DISPUTE, MONTH_SIGN, MONTH_CLOSE = 2, 4, 6, 7, 8, 9, 11
DISPUTE_RESOLVE = 16
DECIDING = {decided.CURED, decided.TERMINATE, decided.RELEASE, decided.ADJUST}
MANUAL = 3
(PRESENT, LATE, UNEXCUSED, DISPUTED, AWAITING, HELD_MANUAL, HELD_DAY, HOLIDAY, NOT_ENROLLED, SICK,
 LEAVE, QUARANTINE, OVER_CAP, MISSED, CANCELLED, CONFLICT, DENIED, HELD_GROUP, PROXY) = range(19)
PAID, EXCUSED = {PRESENT, LATE}, {SICK, LEAVE, QUARANTINE}
PENDING = {DISPUTED, AWAITING, HELD_MANUAL, HELD_DAY, CONFLICT, HELD_GROUP, PROXY}


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

    @property
    def of_district(self):
        return self.role in (COORDINATOR, ISSUER_HEAD) and self.provider is None


@dataclass
class Visit:
    contract: dict
    lesson: Lesson
    logged: Logged
    late: bool
    method: int
    restated: int | None = None
    withdrawn: bool = False
    confirmed: bool = False
    disputed: bool = False
    by_proxy: bool = False
    by: int | None = None
    decision: edition.Decision | None = None
    conflict: bool = False

    @property
    def denied(self):
        return self.decision is not None and not self.decision.was

    @property
    def in_dispute(self):
        upheld = self.decision is not None and self.decision.was and self.decision.of_dispute
        return self.disputed and not upheld


def closing_leaf(snapshots, events, month):
    """The first close by a coordinator of the district that was not too early, and the newest snapshot before it."""
    after = list(days_of(month))[-1] + timedelta(days=1)
    for logged in events:
        event = logged.event
        if (event[4], event.get(16)) == (MONTH_CLOSE, month) and logged.of_district:
            snapshot = [found for index, found in snapshots if index < logged.index][-1]
            params = snapshot.rules(month)
            if params and event[5] >= instant(after - timedelta(days=params["close_lead_days"])):
                return logged.index, snapshot
    return None, None


class Fold:
    """What the events before the close say of the month's lessons."""

    def __init__(self, snapshot, events, month, params, contracts, closed_on):
        self.params, self.month, self.snapshot = params, month, snapshot
        self.second = params["fold_edition"] == "SECOND"
        self.contracts = {contract["voucher"]: contract for contract in contracts}
        self.lessons = {
            lesson.id: lesson
            for group in snapshot.groups
            for lesson in snapshot.schedule(group, month, snapshot.rules_for(month, group))
        }
        self.moved, self.corrected, self.absences = {}, {}, {}
        if self.second:
            edition.change_lessons(self, events)
            edition.correct(self, events)
        self.scans, self.counted = {}, {}
        for logged in events:
            if logged.event[4] == IN:
                visit = self.scan(logged)
                if visit:
                    self.scans.setdefault(logged.hash, visit)
            if logged.event[4] == ABSENT and self.second:
                absence = edition.absence(self, logged)
                if absence:
                    self.absences.setdefault(logged.hash, absence)
        for logged in events:
            if logged.event[4] == VOID:
                self.withdraw(logged)
        # At most one visit for a voucher and a lesson; the first in the log counts (rule 4).
        for visit in sorted(self.scans.values(), key=lambda visit: visit.logged.index):
            if not visit.withdrawn:
                place = (visit.contract["voucher"], visit.lesson.id)
                self.counted.setdefault(place, visit)
        self.proxies, self.overlaps = set(), {}
        if self.second:
            self.proxies = edition.proxies(self, events)
            self.overlaps = edition.overlaps(self.counted)
        for logged in events:
            self.answer(logged)
            if self.second and logged.event[4] == DISPUTE_RESOLVE:
                edition.decide(self, logged)
        if self.second:
            edition.hold_conflicts(self)
            edition.take_silence_for_assent(self, closed_on)
        self.excused = edition.first_absences(self)

    def lesson(self, name):
        """By its own id, or by that of the time it was moved to."""
        return self.lessons.get(self.moved.get(name, name))

    def read(self, logged):
        """The event as it is to be understood, and the newest correction that moved it."""
        event, restated, _ = self.corrected.get(logged.hash, (logged.event, None, []))
        return event, restated

    def contract(self, event, lesson):
        """Under which the event's child takes part in the lesson."""
        contract = self.contracts.get(event.get(9))
        if contract is None or event.get(8) != contract["child"]:
            return None
        places = [one for one in contract["places"] if one["group"] == lesson.group]
        if not any(one["from"] <= lesson.day <= one["to"] for one in places):
            return None
        return contract

    def scan(self, logged):
        """A visit, if a teacher of the provider saw an enrolled child, and says how."""
        event, restated = self.read(logged)
        lesson = self.lesson(event.get(10))
        if lesson is None or logged.role != TEACHER:
            return None
        if lesson.off or lesson.missed or lesson.cancelled:
            return None
        if logged.provider != lesson.provider or event.get(11, lesson.provider) != lesson.provider:
            return None
        contract = self.contract(event, lesson)
        if contract is None:
            return None
        if 12 not in event or (event[12] == MANUAL and 14 not in event):
            return None
        # Late from `late_min` on, and after the scan window; early or late is no refusal (rule 5).
        params = self.snapshot.rules_for(self.month, lesson.group)
        at, end = event[5], lesson.end + params["scan_late_min"] * MINUTE
        late = at > lesson.start + params["late_min"] * MINUTE or at > end
        return Visit(contract, lesson, logged, late, event[12], restated)

    def withdraw(self, void):
        """The device that recorded a visit withdraws it; in the second edition the district with a ground."""
        about = void.event.get(15)
        visit, absence = self.scans.get(about), self.absences.get(about)
        by_district = self.second and void.of_district
        if by_district and 29 not in void.event:
            return
        if visit:
            own = void.role == TEACHER and void.event[1] == visit.logged.event[1]
            visit.withdrawn |= own or by_district
        elif absence:
            absence.withdrawn |= void.event[1] == absence.logged.event[1] or by_district

    def answer(self, logged):
        """The family's last word counts; a signed month confirms what nobody disputed (R3)."""
        event = logged.event
        kind = event[4]
        if kind == MONTH_SIGN and event.get(16) == self.month:
            child = event.get(8)
            if logged.role != PARENT or child not in logged.children:
                return
            proxy = event[1] in self.proxies
            for visit in self.counted.values():
                unanswered = not visit.confirmed and not visit.disputed
                unanswered &= not visit.by_proxy or not proxy
                before = max(visit.logged.index, visit.restated or 0) < logged.index
                if visit.contract["child"] == child and before and unanswered:
                    visit.confirmed, visit.by_proxy = not proxy, proxy
                    visit.by = logged.index
        if kind not in (CONFIRM, DISPUTE):
            return
        named = self.scans.get(event.get(15))
        if named is None:
            return
        child = named.contract["child"]
        if self.second and kind == CONFIRM and logged.provider is not None:
            return
        if logged.role != PARENT or child not in logged.children or event.get(8, child) != child:
            return
        visit = self.counted.get((named.contract["voucher"], named.lesson.id))
        # "Was" of a withdrawn scan, or before a correction, says nothing of what counts now; "was not" stands.
        void = named.withdrawn or (named.restated or 0) > logged.index
        if visit is None or (kind == CONFIRM and void):
            return
        if kind == CONFIRM and event[1] in self.proxies:
            # It neither ends a dispute nor replaces a family's own word.
            if not visit.confirmed and not visit.disputed and not visit.by_proxy:
                visit.by_proxy, visit.by = True, logged.index
            return
        visit.confirmed, visit.disputed = kind == CONFIRM, kind == DISPUTE
        visit.by_proxy, visit.by = False, logged.index


class Row:
    """A place of a voucher's month: one code for each lesson of the group's schedule."""

    def __init__(self, contract, place, fold):
        self.contract, self.place, self.days, self.leaves = contract, place, [], set()
        lessons = [lesson for lesson in fold.lessons.values() if lesson.group == place["group"]]
        for lesson in sorted(lessons, key=lambda lesson: lesson.start):
            named = (contract["voucher"], lesson.id)
            visit, absence = fold.counted.get(named), fold.excused.get(named)
            enrolled = place["from"] <= lesson.day <= place["to"]
            if lesson.off:
                code = HOLIDAY
            elif lesson.cancelled:
                code = CANCELLED
            elif not enrolled:
                code = NOT_ENROLLED
            elif lesson.missed:
                code = MISSED
            elif visit is None:
                code = absence.code if absence else UNEXCUSED
            else:
                code = code_of(visit)
            self.days.append([lesson, code, visit])
            self.leaves |= leaves_of(fold, lesson, visit, absence)
        held = [day for day in self.days if not day[0].off and not day[0].cancelled]
        self.planned_in_month = len(held)
        self.planned = sum(place["from"] <= day[0].day <= place["to"] for day in held)

    def hold_excused(self, percent):
        """So many of the planned lessons are paid though excused, the earliest first (rule 16)."""
        for day in [day for day in self.days if day[1] in EXCUSED][self.planned * percent // 100 :]:
            day[1] = OVER_CAP

    def undisputed(self):
        visits = [visit for _, _, visit in self.days if visit]
        return sum(not visit.in_dispute and not visit.denied for visit in visits)

    def by_hand(self):
        return [day for day in self.days if day[1] in PAID and day[2].method == MANUAL]

    def hold_marks_by_hand(self, percent):
        """Beyond a share of the undisputed visits they wait; the earliest are let through (rule 10)."""
        for day in self.by_hand()[self.undisputed() * percent // 100 :]:
            day[1] = HELD_MANUAL

    def count(self, codes):
        return sum(code in codes for _, code, _ in self.days)


def code_of(visit):
    if visit.denied:
        return DENIED
    if visit.in_dispute:
        return DISPUTED
    if visit.conflict:
        return CONFLICT
    if visit.by_proxy:
        return PROXY
    # A dispute that was decided for the visit counts as its confirmation.
    if not visit.confirmed and not visit.disputed:
        return AWAITING
    return LATE if visit.late else PRESENT


def leaves_of(fold, lesson, visit, absence):
    leaves = {lesson.by}
    if visit:
        leaves |= {visit.logged.index, visit.by, visit.decision.by if visit.decision else None}
        leaves |= set(fold.corrected.get(visit.logged.hash, (None, None, []))[2])
    if absence:
        leaves |= {absence.logged.index, *fold.corrected.get(absence.logged.hash, (None, None, []))[2]}
    return leaves - {None}


def hold_group_marks_by_hand(rows, rules_for):
    """The same of a group's visits, where a share of its own is set (rule 10)."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.place["group"]].append(row)
    for group, of_group in groups.items():
        percent = rules_for(group)["l0_group_share_max_percent"]
        if percent is None:
            continue
        allowed = sum(row.undisputed() for row in of_group) * percent // 100
        marks = [(day[0].start, row.contract["voucher"], day) for row in of_group for day in row.by_hand()]
        for _, _, day in sorted(marks, key=lambda mark: mark[:2])[allowed:]:
            day[1] = HELD_GROUP


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


def days_in(place, month):
    """The place's days in the month, as positions from and up to; nothing if there are none."""
    days = list(days_of(month))
    before, until = (sum(test(day) for day in days) for test in (
        lambda day: day < place["from"], lambda day: day <= place["to"]
    ))
    return (before, until) if before < until else None


def places_in(contract, month):
    """The places with days in the month; a month without any has the one before, or the first."""
    inside = [place for place in contract["places"] if days_in(place, month)]
    last = list(days_of(month))[-1]
    begun = [place for place in contract["places"] if place["from"] <= last]
    return inside or begun[-1:] or contract["places"][:1]


def by_days(part, place, month):
    """By calendar days caps are rounded cumulatively, days of no place being intervals too."""
    whole = len(list(days_of(month)))
    before, until = days_in(place, month) or (0, 0)
    return share(part, until, whole) - share(part, before, whole)


def shares_of(part, row, month, params):
    """Plan and cap of a place, and whether there are several (rule 31)."""
    places = places_in(row.contract, month)
    if len(places) == 1:
        if params["basis"] == "LESSONS":
            return part, share(part, row.planned, row.planned_in_month), False
        return part, by_days(part, row.place, month), False
    # A place stands for the days after it that are nobody's, the first one for those before it too.
    at, whole = places.index(row.place), len(list(days_of(month)))
    start = days_in(row.place, month)[0] if at else 0
    end = days_in(places[at + 1], month)[0] if at + 1 < len(places) else whole
    plan = share(part, end, whole) - share(part, start, whole)
    return plan, by_days(part, row.place, month), True


def accrue(params, cap, visits, excused, planned):
    """A, of so many visits and excused lessons of so many planned ones (rules 32 and 33)."""
    n = min(visits + excused, planned)
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
    part = part_of_month(row.contract, month, params)
    plan, cap, several = shares_of(part, row, month, params)
    paid, excused, pending = row.count(PAID), row.count(EXCUSED), row.count(PENDING)
    accrued = accrue(params, cap, paid, excused, row.planned)
    held = accrue(params, cap, paid + pending, excused, row.planned) - accrued
    unpaid = [
        {0: int(f"{lesson.day:%Y%m%d}"), 1: code}
        for lesson, code, _ in row.days if code not in PAID | EXCUSED
    ]
    line = {
        0: row.place["provider"], 1: row.contract["voucher"], 2: row.contract["child"], 3: plan,
        4: cap, 5: row.planned, 6: paid, 7: excused, 8: pending, 9: accrued, 10: held,
        11: plan - accrued - held, 12: sorted(row.leaves), 13: unpaid,
    }
    if several:
        before, until = days_in(row.place, month)
        first = list(days_of(month))[0]
        days = (first + timedelta(days=before), first + timedelta(days=until - 1))
        line |= {14: int(f"{days[0]:%Y%m%d}"), 15: int(f"{days[1]:%Y%m%d}"), 16: part}
    return line


def hold_back(line):
    """Payments to the provider are suspended: what was earned is held (rule 38)."""
    if line[9]:
        line[17] = line[9]
    line[10], line[9] = line[10] + line[9], 0


def lines_of(snapshot, events, month, contracts, standings, until):
    """The lines of a month, from events before a leaf; `until` is the day that the leaf claims."""
    params = snapshot.rules(month)
    refuse("recomputed_tranche", params)
    fold = Fold(snapshot, events, month, params, contracts, until)
    rows = []
    for contract in contracts:
        if month_of(contract["from"]) <= month <= month_of(contract["to"]):
            rows += [Row(contract, place, fold) for place in places_in(contract, month)]
    rows.sort(key=lambda row: (row.place["provider"], row.contract["voucher"], row.place["from"]))
    rules_for = lambda group: snapshot.rules_for(month, group)
    for row in rows:
        rules = rules_for(row.place["group"])
        row.hold_excused(rules["excused_cap_percent"])
        row.hold_marks_by_hand(rules["l0_share_max_percent"])
    if fold.second:
        hold_group_marks_by_hand(rows, rules_for)
    hold_beyond_day_limit(rows, params["max_payable_visits_per_child_day"])
    lines = [line_of(row, month, rules_for(row.place["group"])) for row in rows]
    for line in lines:
        if standings and standings.holds(line[0]):
            hold_back(line)
    return lines


def claimed_day(events, leaf):
    (event,) = [logged.event for logged in events if logged.index == leaf]
    return day_of(event[5])


def compute(snapshots, events, month, origin, tree_size, root):
    """The month's tranche, as the fields of its signed payload."""
    close = tree_size - 1
    snapshot = [found for index, found in snapshots if index < close][-1]
    params = snapshot.rules(month)
    refuse("recomputed_tranche", params)
    before = [logged for logged in events if logged.index < close]
    contracts, standings = decided.moved(snapshot, before)
    lines = lines_of(snapshot, before, month, contracts, standings, claimed_day(events, close))
    totals = {number: sum(line[at] for line in lines) for number, at in enumerate((3, 9, 10, 11))}
    tranche = {
        0: 1, 1: month, 2: origin, 3: tree_size, 4: root, 5: snapshot.hash,
        6: params["rule_version"], 7: lines, 8: totals,
    }
    if any(logged.event[4] in DECIDING for logged in before):
        until = lambda one, leaf, *rest: lines_of(
            one, [logged for logged in events if logged.index < leaf], *rest,
            claimed_day(events, leaf),
        )
        found = decided.corrections_of(snapshots, events, month, closing_leaf, until)
        tranche |= {key: one for key, one in zip((9, 10), found) if one}
    return tranche


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
    13: many(record({0: is_day, 1: below(19)})),
}, {14: is_day, 15: is_day, 16: sint, 17: sint})
CORRECTION = record(
    {0: is_month, 1: raw(8), 2: raw(8), 3: raw(12), 5: sint, 6: sint, 7: sint, 8: uint(64),
     9: below(4)},
    {4: is_day},
)
DUE = record({0: raw(8), 1: sint, 2: sint, 3: sint, 4: sint, 5: sint})
TRANCHE = record({
    0: uint(8), 1: is_month, 2: text, 3: uint(64), 4: raw(32), 5: raw(32), 6: text, 7: many(LINE),
    8: SUMS,
}, {9: many(CORRECTION), 10: many(DUE)})


def balanced(tranche):
    """Version, order and balance of a tranche of proper form."""
    refuse("unknown_version", exactly(1)(tranche[0]))
    last, parts = None, defaultdict(list)
    for line in tranche[7]:
        place = (line[0], line[1], line.get(14, 0))
        refuse("disorder", last is None or last < place)
        last = place
        refuse("totals", 17 not in line or 0 < line[17] <= line[10])
        plan, sums = line[3], (line[9], line[10], line[11])
        refuse("unbalanced", min(plan, *sums) >= 0 and plan == sum(sums))
        parts[line[1]].append(line)
    totals = {number: sum(line[at] for line in tranche[7]) for number, at in enumerate((3, 9, 10, 11))}
    refuse("totals", totals == tranche[8])
    for lines in parts.values():
        part = lines[0].get(16)
        whole = len(lines) == 1 if part is None else sum(line[3] for line in lines) == part
        refuse("part", whole and all(line.get(16) == part for line in lines))
        refuse("part", all((14 in line) == (15 in line) == (16 in line) for line in lines))
    refuse("corrections", corrected(tranche))


def corrected(tranche):
    """Corrections move nothing in sum, in order; what is due follows from lines and corrections."""
    corrections, dues = tranche.get(9, []), tranche.get(10, [])
    if [] in (tranche.get(9), tranche.get(10)):
        return False
    order = [(one[8], one[0], one[1], one[2], one.get(4, 0)) for one in corrections]
    balance = all(one[5] + one[6] + one[7] == 0 and any(one[at] for at in (5, 6, 7)) for one in corrections)
    known = all(one[8] < tranche[3] for one in corrections)
    if not (balance and known and all(a < b for a, b in zip(order, order[1:]))):
        return False
    moved = defaultdict(int)
    for one in corrections:
        moved[one[1]] += one[5]
    for due in dues:
        accrued = sum(line[9] for line in tranche[7] if line[0] == due[0])
        total = accrued + moved[due[0]] + due[3]
        sums = (accrued, moved[due[0]], max(total, 0), min(total, 0))
        if due[3] > 0 or (due[1], due[2], due[4], due[5]) != sums or not (due[2] or due[3]):
            return False
    named = [due[0] for due in dues]
    return all(a < b for a, b in zip(named, named[1:])) and all(
        provider in named for provider, sum_ in moved.items() if sum_
    )
