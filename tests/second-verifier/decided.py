"""What the log decides beside visits: transfers, suspensions, terminations, and corrections forward.

Decisions are events. Days are those that events claim; what comes first is the log's word.
"""

from datetime import date, timedelta

from forms import COORDINATOR, ISSUER_HEAD, PARENT
from snapshot import WEEK, month_of, ordinal

(SUSPEND, CURED, RELEASE, TERMINATE, TRANSFER, ADJUST) = range(20, 26)
VOUCHER_SET, VOUCHER_ANSWER = 29, 30
PAY, RETURN, CONFIRM, WITHDRAW = range(4)
REFUSE, ANNUL = 15, 16
PAID_CAUSE = {PAY: 1, RETURN: 2}
ADDRESS = 0
DAY = timedelta(days=1)


def of_district(logged):
    return logged.role in (COORDINATOR, ISSUER_HEAD) and logged.provider is None


def claimed_day(event):
    """The local day, UTC+5."""
    try:
        return date(1970, 1, 1) + timedelta(days=(event[5] + 5 * 3_600_000) // 86_400_000)
    except OverflowError:
        return None


def named_day(number):
    try:
        return date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None


def has(event, must, may=()):
    common = range(8)
    return set(must) <= event.keys() <= {*common, *must, *may}


def working_days_after(calendar, day, count):
    while count:
        day += DAY
        text = day.isoformat()
        off = WEEK[day.weekday()] in ("sat", "sun")
        off |= text in calendar["official_off"] or text in calendar["transferred_off"]
        count -= text in calendar.get("working", []) or not off
    return day


class Standings:
    """Where providers stand: open grounds, a proposal to end, an end."""

    def __init__(self, snapshot):
        self.snapshot, self.of = snapshot, {}

    def get(self, provider):
        fresh = {"open": {}, "suspended": False, "proposal": None, "end": None}
        return self.of.setdefault(provider, fresh)

    def holds(self, provider):
        found = self.of.get(provider)
        return bool(found) and (found["suspended"] or found["end"] is not None)

    def takes(self, provider):
        found = self.of.get(provider)
        return not found or not (found["suspended"] or found["proposal"] or found["end"])

    def wrong_address(self, provider):
        return ADDRESS in self.of.get(provider, {"open": {}})["open"]

    def take(self, logged):
        """Gives the provider whose payments go on, if this lets them."""
        event = logged.event
        kind, provider = event[4], event.get(11)
        if kind not in (SUSPEND, CURED, TERMINATE):
            return None
        held = self.holds(provider)
        if of_district(logged) and provider is not None and claimed_day(event):
            step = {SUSPEND: self.suspend, CURED: self.cure, TERMINATE: self.terminate}[kind]
            step(logged, provider, claimed_day(event))
        return provider if held and not self.holds(provider) else None

    def suspend(self, logged, provider, _):
        event, found = logged.event, self.get(provider)
        fits = has(event, (11, 34, 18), (36, 17, 37))
        if fits and found["end"] is None and event[34] not in found["open"]:
            found["open"][event[34]] = True
            found["suspended"] = True

    def cure(self, logged, provider, _):
        event, found = logged.event, self.get(provider)
        if has(event, (11, 34, 18), (36,)) and found["end"] is None:
            if found["open"].pop(event[34], None) and not found["open"]:
                found["suspended"] = False

    def terminate(self, logged, provider, on):
        event, found = logged.event, self.get(provider)
        if not has(event, (11,), (35, 18, 36, 15, 37, 33)) or found["end"] is not None:
            return
        if 15 not in event:
            if 35 in event and found["proposal"] is None:
                found["proposal"] = (logged.hash, event[1], on)
            return
        if found["proposal"] is None or found["proposal"][0] != event[15]:
            return
        if found["proposal"][1] == event[1]:
            return
        if event.get(37, CONFIRM) == WITHDRAW:
            found["proposal"] = None
            found["suspended"] = found["suspended"] and bool(found["open"])
        elif event.get(37, CONFIRM) == CONFIRM:
            days = self.snapshot.suspension(on)["objection_days"]
            until = working_days_after(self.snapshot.calendar, found["proposal"][2], days)
            if on > until:
                named = named_day(event[33]) if 33 in event else None
                found["proposal"], found["end"] = None, max(on, named or on)


def moved(snapshot, events):
    """The contracts after the transfers and terminations of the events; where providers stand."""
    standings, endings = Standings(snapshot), Endings()
    contracts = {one["voucher"]: one for one in snapshot.contracts}
    for logged in events:
        if logged.event[4] == TRANSFER:
            if logged.event.get(9) not in endings.ended:
                transfer(snapshot, standings, contracts, logged)
        elif ends(logged.event):
            end(endings, contracts, logged)
        else:
            standings.take(logged)
    for provider, found in standings.of.items():
        if found["end"] is None:
            continue
        for voucher, contract in contracts.items():
            places = [dict(place) for place in contract["places"]]
            for place in places:
                if place["provider"] == provider:
                    place["to"] = min(place["to"], found["end"] - DAY)
            contracts[voucher] = contract | {"places": places}
    return list(contracts.values()), standings


def effective_day(event):
    """The day after the claimed one, or a later one that the event names."""
    start = claimed_day(event) and claimed_day(event) + DAY
    if start is None or 33 not in event:
        return start
    return named_day(event[33]) and max(start, named_day(event[33]))


class Endings:
    """Vouchers that are refused or annulled; two devices annul what has a contract."""

    def __init__(self):
        self.proposals, self.ended = {}, {}


def ends(event):
    return (event[4], event.get(37)) in ((VOUCHER_SET, ANNUL), (VOUCHER_ANSWER, REFUSE))


def end(endings, contracts, logged):
    event = logged.event
    contract, voucher = contracts.get(event.get(9)), event.get(9)
    annuls = event[4] == VOUCHER_SET
    form = ((8, 9, 37, 18), (32, 15, 33, 36)) if annuls else ((8, 9, 37), (18, 33, 36))
    if contract is None or event.get(8) != contract["child"] or not has(event, *form):
        return
    family = not annuls and logged.role == PARENT and contract["child"] in logged.children
    start = effective_day(event)
    if start is None or not (family or of_district(logged) and 18 in event):
        return
    if voucher in endings.ended or start > contract["to"]:
        return
    if annuls:
        first = endings.proposals.get(voucher)
        if 15 not in event:
            if first is None:
                endings.proposals[voucher] = (logged.hash, event[1])
            return
        if first is None or first[0] != event[15] or first[1] == event[1]:
            return
    endings.proposals.pop(voucher, None)
    endings.ended[voucher] = start
    places = [place | {"to": min(place["to"], start - DAY)} for place in contract["places"]]
    contracts[voucher] = contract | {"places": places}


def transfer(snapshot, standings, contracts, logged):
    event = logged.event
    contract = contracts.get(event.get(9))
    if not has(event, (9, 32), (8, 33, 18)) or contract is None:
        return
    family = logged.role == PARENT and contract["child"] in logged.children
    if event.get(8, contract["child"]) != contract["child"]:
        return
    group = snapshot.groups.get(event[32])
    start = effective_day(event)
    if not (family or of_district(logged)) or group is None or start is None:
        return
    places = [dict(place) for place in contract["places"]]
    last = places[-1]
    if start <= last["from"] or start > contract["to"]:
        return
    if last["group"] == event[32] and last["to"] >= start:
        return
    provider = bytes.fromhex(group["provider"])
    if not standings.takes(provider):
        return
    quarter = lambda day: (day.year, (day.month - 1) // 3)
    used = sum(quarter(place["from"]) == quarter(start) for place in places[1:])
    if used >= snapshot.nested(start, "voucher")["transfers_per_quarter"]:
        return
    last["to"] = min(last["to"], start - DAY)
    places.append({"group": event[32], "provider": provider, "from": start, "to": contract["to"]})
    contracts[event[9]] = contract | {"places": places}


# Corrections forward -------------------------------------------------------------------------------


class Account:
    """A line of a closed month: its plan is A, H and W, always."""

    def __init__(self, line, locked):
        self.plan, self.child = line[3], line[2]
        self.suspended = line.get(17, 0)
        self.accrued, self.waiting = line[9], line[10] - self.suspended
        self.locked = locked and self.suspended > 0
        self.paid = self.returned = self.forgone = 0

    def sums(self):
        held = self.suspended + self.waiting
        return self.accrued, held, self.plan - self.accrued - held

    def cure(self):
        self.accrued, self.suspended = self.accrued + self.suspended, 0

    def pay(self):
        self.paid += self.waiting
        self.accrued += self.suspended + self.waiting
        self.suspended = self.waiting = 0

    def give_back(self):
        self.returned, self.forgone = self.returned + self.waiting, self.forgone + self.suspended
        self.suspended = self.waiting = 0

    def adjust(self, line, holds):
        """What persons decided stays, as far as there is something left it was decided about."""
        paid = min(self.paid, line[10])
        earned = line[9] + paid
        earned -= min(self.forgone, earned)
        waiting = line[10] - paid
        waiting -= min(self.returned, waiting)
        if holds or self.suspended:
            self.accrued, total = min(earned, self.accrued), earned
            self.suspended = total - self.accrued
        else:
            self.accrued = earned
        self.waiting = waiting


class Walk:
    """The months in the order of their closes, and the decisions between them."""

    def __init__(self, events, lines_of):
        # `lines_of(snapshot, events, month, places)` computes a month's lines.
        self.events, self.lines_of = events, lines_of
        self.accounts, self.debts, self.halves, self.closes = {}, {}, {}, {}

    def close(self, snapshot, month, leaf, after):
        """Takes the decisions since the close before, and the month's lines. Gives what it corrects."""
        self.corrections = []
        standings = Standings(snapshot)
        for logged in self.events:
            if logged.index > leaf:
                break
            old = logged.index <= after
            provider = standings.take(logged)
            if old:
                continue
            if provider is not None:
                cured = [
                    key for key, one in self.accounts.items()
                    if key[1] == provider and one.suspended and not one.locked
                ]
                self.move(cured, logged.index, 0, Account.cure)
            elif logged.event[4] in (RELEASE, ADJUST) and of_district(logged):
                step = self.release if logged.event[4] == RELEASE else self.adjust
                step(logged, snapshot.nested_of_month(month, "corrections"), standings, month)
        contracts, standings = moved(snapshot, [one for one in self.events if one.index < leaf])
        lines = self.lines_of(snapshot, leaf, month, contracts, standings)
        for line in lines:
            locked = standings.wrong_address(line[0])
            self.accounts[month, line[0], line[1], line.get(14)] = Account(line, locked)
        self.closes[month] = (leaf, snapshot, contracts)
        return lines, self.corrections, self.net(lines)

    def move(self, keys, leaf, cause, change):
        for key in sorted(keys, key=lambda key: (key[0], key[1], key[2], key[3] or 0)):
            account = self.accounts[key]
            before = account.sums()
            change(account)
            moves = [new - old for new, old in zip(account.sums(), before)]
            if moves[:2] == [0, 0]:
                continue
            found = {0: key[0], 1: key[1], 2: key[2], 3: account.child}
            if key[3] is not None:
                found[4] = key[3]
            found |= {5: moves[0], 6: moves[1], 7: moves[2], 8: leaf, 9: cause}
            self.corrections.append(found)

    def keys(self, month, voucher, provider=None):
        return [
            key for key in self.accounts
            if key[0] == month and key[2] == voucher and provider in (None, key[1])
        ]

    def release(self, logged, rules, _, __):
        event = logged.event
        if not has(event, (9, 16, 37, 18), (11, 15, 36)) or event[37] not in PAID_CAUSE:
            return
        keys = self.keys(event[16], event[9], event.get(11))
        held = sum(self.accounts[key].sums()[1] for key in keys)
        content = (event[9], event[16], event[37])
        if not held:
            return
        if 15 in event:
            device, first = self.halves.get(event[15], (None, None))
            if first != content or device == event[1]:
                return
            del self.halves[event[15]]
        elif held > rules["hold_release_two_person"]:
            self.halves[logged.hash] = (event[1], content)
            return
        keys = [key for key in keys if self.accounts[key].sums()[1]]
        change = Account.pay if event[37] == PAY else Account.give_back
        self.move(keys, logged.index, PAID_CAUSE[event[37]], change)

    def adjust(self, logged, rules, standings, lands_in):
        event = logged.event
        if not has(event, (9, 16, 18)):
            return
        month, voucher = event[16], event[9]
        keys = self.keys(month, voucher)
        if not keys or month not in self.closes:
            return
        between = ordinal(lands_in) - ordinal(month)
        if lands_in // 100 != month // 100 or not 1 <= between <= rules["adjust_max_months"]:
            return
        _, snapshot, contracts = self.closes[month]
        again = {
            (month, line[0], line[1], line.get(14)): line
            for line in self.lines_of(snapshot, logged.index, month, contracts, None)
        }
        held = {key: standings.holds(key[1]) for key in keys}
        for key in sorted(keys, key=lambda key: (key[1], key[3] or 0)):
            self.move([key], logged.index, 3, lambda one: one.adjust(again[key], held[key]))

    def net(self, lines):
        """What is due to providers with corrections or a debt; below zero is carried on."""
        named = {one[1] for one in self.corrections} | set(self.debts)
        dues = []
        for provider in sorted(named):
            accrued = sum(line[9] for line in lines if line[0] == provider)
            corrected = sum(one[5] for one in self.corrections if one[1] == provider)
            brought = self.debts.pop(provider, 0)
            total = accrued + corrected + brought
            if total < 0:
                self.debts[provider] = total
            if corrected or brought:
                dues.append({
                    0: provider, 1: accrued, 2: corrected, 3: brought, 4: max(total, 0),
                    5: min(total, 0),
                })
        return dues


def corrections_of(snapshots, events, month, closing_leaf, lines_of):
    """What the tranche of a month corrects, and what is due after it."""
    closes = []
    months = sorted({
        one for _, snapshot in snapshots for contract in snapshot.contracts
        for one in months_between(contract["from"], contract["to"])
    })
    for one in months:
        leaf, snapshot = closing_leaf(snapshots, events, one)
        if leaf is not None:
            closes.append((leaf, one, snapshot))
    walk, after = Walk(events, lines_of), -1
    for leaf, one, snapshot in sorted(closes, key=lambda close: close[0]):
        _, corrections, dues = walk.close(snapshot, one, leaf, after)
        after = leaf
        if one == month:
            return corrections, dues
    return [], []


def months_between(first, last):
    month, end = month_of(first), month_of(last)
    while month <= end:
        yield month
        month = month + 1 if month % 100 < 12 else month + 89
