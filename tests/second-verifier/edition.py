"""What the second edition of the fold reads beside scans, withdrawals and answers.

Absences with their documents (R2), corrections, what became of lessons (R1, 2), conflicts (R1, 6),
decisions, silence and proxies (R3).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

import fields
from cbor import Refused
from forms import COORDINATOR, PARENT, PROVIDER_ADMIN, TEACHER
from snapshot import day_of, lesson_id, month_of

IN, ABSENT, CORRECT, CONFIRM, MONTH_SIGN, LESSON_CANCEL, LESSON_MOVE = 2, 4, 5, 7, 9, 17, 18
ROTATING, CHALLENGE = 1, 2
BY_PROVIDER, WAS = 0, 0
# Codes of days by the reason of the absence: sick, leave, quarantine.
EXCUSES = {0: 9, 1: 10, 2: 11}


@dataclass
class Decision:
    was: bool
    of_dispute: bool
    by: int


@dataclass
class Absence:
    logged: object
    voucher: bytes
    lesson: object
    code: int
    withdrawn: bool = False


def has_document(event):
    return bool(event.get(18, "").strip())


# Lessons -------------------------------------------------------------------------------------------


def change_lessons(fold, events):
    """Cancels and moves lessons in the order of the log; each change begins at the plan."""
    fold.planned = dict(fold.lessons)
    for logged in events:
        if logged.event[4] in (LESSON_CANCEL, LESSON_MOVE):
            lesson = fold.lessons.get(logged.event.get(10))
            changed = lesson and change(fold, logged, lesson)
            if changed:
                own = [new for new, planned in fold.moved.items() if planned == lesson.id]
                for new in own:
                    del fold.moved[new]
                if changed.start != fold.planned[lesson.id].start:
                    fold.moved[lesson_id(changed.group, changed.start)] = lesson.id
                fold.lessons[lesson.id] = replace(changed, by=logged.index)


def change(fold, logged, lesson):
    event, planned = logged.event, fold.planned[lesson.id]
    if event.get(11) != planned.provider or lesson.off:
        return None
    of_provider = logged.role in (TEACHER, COORDINATOR, PROVIDER_ADMIN)
    own = of_provider and logged.provider == planned.provider
    if not own and not logged.of_district:
        return None
    if lesson.cancelled and not logged.of_district:
        return None
    if event[4] == LESSON_CANCEL:
        if event.get(30) == BY_PROVIDER:
            return replace(planned, missed=True)
        official = 30 in event and logged.of_district and has_document(event)
        return replace(planned, cancelled=True) if official else None
    return move(fold, planned, event.get(31))


def move(fold, planned, start):
    """Not too far, and to no place that the group has taken; into another month it is not paid."""
    day = None if start is None else day_of(start)
    if day is None or abs((day - planned.day).days) > fold.snapshot.rules_for(fold.month, planned.group)["make_up_window_days"]:
        return None
    if month_of(day) != fold.month:
        return replace(planned, missed=True)
    there = lesson_id(planned.group, start)
    taken = there in fold.lessons or fold.moved.get(there, planned.id) != planned.id
    if there != planned.id and taken:
        return None
    return replace(planned, day=day, start=start, end=start + planned.end - planned.start)


# Corrections ---------------------------------------------------------------------------------------


def correct(fold, events):
    """For each corrected event: what it says now, the newest correction that moved it, all of them."""
    corrections = [one for one in events if one.event[4] == CORRECT and 15 in one.event]
    named = {one.event[15] for one in corrections}
    targets = {}
    for logged in events:
        if logged.hash in named:
            targets.setdefault(logged.hash, logged)
    for one in corrections:
        target = targets.get(one.event[15])
        if target and of_month(fold, target.event):
            correct_one(fold, target, one)


def of_month(fold, event):
    return event[4] in (IN, ABSENT) and fold.lesson(event.get(10)) is not None


def correct_one(fold, target, correction):
    if correction.event[1] != target.event[1] and not correction.of_district:
        return
    before, restated, by = fold.corrected.get(target.hash, (target.event, None, []))
    try:
        after = corrected(before, correction.event)
    except Refused:
        return
    if not of_month(fold, after):
        return
    if any(before.get(place) != after.get(place) for place in (8, 9, 10, 11)):
        restated = correction.index
    fold.corrected[target.hash] = (after, restated, [*by, correction.index])


def corrected(event, later):
    fields.verify_form(later)
    allowed = {fields.KEY[name] for name in fields.KINDS[event[4]][2].split()}
    replacing = {fields.KEY[name] for name in fields.REPLACING.split()} & later.keys()
    if not replacing <= allowed:
        raise Refused("field_not_correctable")
    after = event | {key: later[key] for key in replacing}
    fields.verify_form(after)
    return after


# Absences ------------------------------------------------------------------------------------------


def absence(fold, logged):
    """Entered by the provider or the family, with a reason that excuses and its document (rule 16)."""
    event, _ = fold.read(logged)
    lesson = fold.lesson(event.get(10))
    if lesson is None or event.get(11, lesson.provider) != lesson.provider:
        return None
    contract = fold.contract(event, lesson)
    if contract is None or lesson.off or lesson.missed or lesson.cancelled:
        return None
    if logged.role == PARENT:
        may = contract["child"] in logged.children
    else:
        may = logged.role in (TEACHER, PROVIDER_ADMIN) and logged.provider == lesson.provider
    documented = 22 in event or has_document(event)
    if not may or not documented or event.get(21) not in EXCUSES:
        return None
    return Absence(logged, contract["voucher"], lesson, EXCUSES[event[21]])


def first_absences(fold):
    """The first of each voucher and lesson; a scan beats it."""
    found = {}
    for one in sorted(fold.absences.values(), key=lambda one: one.logged.index):
        place = (one.voucher, one.lesson.id)
        if not one.withdrawn and place not in fold.counted:
            found.setdefault(place, one)
    return found


# Answers and decisions -------------------------------------------------------------------------------


def proxies(fold, events):
    """Devices that confirm for more families than one may (rule 23); untold families are one."""
    families = {}
    for contract in fold.snapshot.contracts:
        told = [contract["family"], families.get(contract["child"])]
        families[contract["child"]] = max((one for one in told if one is not None), default=None)
    of_device = defaultdict(set)
    for logged in events:
        event, child = logged.event, None
        if event[4] == CONFIRM and event.get(15) in fold.scans:
            child = fold.scans[event[15]].contract["child"]
        if event[4] == MONTH_SIGN and event.get(16) == fold.month:
            child = event.get(8)
        if child is not None and logged.role == PARENT and child in logged.children:
            of_device[event[1]].add(families.get(child))
    most = fold.params["families_per_device_max"]
    return {device for device, found in of_device.items() if len(found) > most}


def overlaps(counted):
    """For each visit, those of the same child at another provider at the same time (rule 6)."""
    found = defaultdict(set)
    of_child = defaultdict(list)
    for place, visit in counted.items():
        of_child[visit.contract["child"]].append((place, visit.lesson))
    for visits in of_child.values():
        for place, one in visits:
            for other_place, other in visits:
                if one.provider != other.provider and one.start < other.end and other.start < one.end:
                    found[place].add(other_place)
    return found


def hold_conflicts(fold):
    """Both are held while both may have been, but for one of which it was decided that it was."""
    stands = {p for p, visit in fold.counted.items() if not visit.in_dispute and not visit.denied}
    for place, others in fold.overlaps.items():
        visit = fold.counted[place]
        visit.conflict = place in stands and visit.decision is None and bool(others & stands)


def decide(fold, logged):
    """The district decides about a dispute or a conflict, with a ground and a document (rule 19)."""
    event = logged.event
    named = fold.scans.get(event.get(15))
    if named is None or not logged.of_district:
        return
    if not {28, 29} <= event.keys() or not has_document(event):
        return
    place = (named.contract["voucher"], named.lesson.id)
    visit = fold.counted.get(place)
    if visit and (visit.disputed or place in fold.overlaps or visit.decision):
        visit.decision = Decision(event[28] == WAS, visit.disputed, logged.index)


def take_silence_for_assent(fold, closed_on):
    """Where the rules do, and of visits by a rotating code alone (rule 21)."""
    if not fold.params["tacit_acceptance"] or closed_on is None:
        return
    days = timedelta(days=fold.params["visit_confirm_days"])
    for visit in fold.counted.values():
        silent = not visit.confirmed and not visit.disputed and not visit.by_proxy
        if silent and visit.method in (ROTATING, CHALLENGE) and visit.lesson.day + days < closed_on:
            visit.confirmed = True
