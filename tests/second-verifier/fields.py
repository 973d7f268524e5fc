"""Which fields an event of each kind has, and what a correction may replace."""

from cbor import encode, refuse, shaped
from forms import EVENT

NAMES = (
    "child voucher lesson provider method card reason about month amount document place proof "
    "absence absence_document headcount anchor subject revocation ticket verdict finding cancellation "
    "moved_to"
).split()
DECIDED = "group from_day ground cause evidence decision".split()
KEY = {name: number for number, name in enumerate(NAMES, start=8)}
KEY |= {name: number for number, name in enumerate(DECIDED, start=32)}
NAMES += DECIDED

VISIT = "child voucher lesson provider"
REPLACING = (
    "child voucher lesson provider reason month amount document absence absence_document headcount"
)
# For each kind, by its number: what it must have, what it may have, what of it may be corrected.
KINDS = [
    ("lesson provider", "place evidence", "lesson provider"),  # lesson-open
    ("lesson provider", "place", "lesson provider"),  # lesson-close
    (f"{VISIT} method", "card reason place proof", f"{VISIT} reason"),  # in
    (f"{VISIT} method", "card reason place proof", f"{VISIT} reason"),  # out
    (VISIT, "absence absence_document document place",
     f"{VISIT} absence absence_document document"),  # absent
    ("about", REPLACING, ""),  # correct
    ("about", f"{VISIT} finding document", ""),  # void
    ("about", VISIT, ""),  # confirm
    ("about", VISIT, ""),  # dispute
    ("child month", "voucher provider", ""),  # month-sign
    ("lesson provider headcount", "place", "lesson provider headcount"),  # headcount
    ("month", "provider", ""),  # month-close
    ("provider month amount document", "", "provider month amount document"),  # payment-notice
    ("anchor", "", ""),  # time-anchor
    ("subject revocation", "document ticket", ""),  # device-revoke
    ("about subject", "document", ""),  # event-release
    ("about verdict finding document", VISIT, ""),  # dispute-resolve
    ("lesson provider cancellation", "document", ""),  # lesson-cancel
    ("lesson provider moved_to", "document", ""),  # lesson-move
]
KINDS = dict(enumerate(KINDS)) | {
    20: ("provider ground document", "evidence amount decision", ""),  # provider-suspend
    21: ("provider ground document", "evidence", ""),  # ground-cured
    22: ("voucher month decision document", "provider about evidence", ""),  # hold-release
    23: ("provider", "cause document evidence about decision from_day", ""),  # provider-terminate
    24: ("voucher group", "child from_day document", ""),  # transfer
    25: ("voucher month document", "", ""),  # adjust
    26: ("provider month evidence", "document proof", ""),  # sheet-sign
    27: ("provider month document evidence", "proof", ""),  # act-sign
    28: ("provider month decision document", "finding evidence", ""),  # sheet-decide
    29: ("child voucher decision document", "group about from_day evidence", ""),  # voucher-set
    30: ("child voucher decision", "document from_day evidence", ""),  # voucher-answer
}
IN, OUT, ABSENT, CORRECT, LESSON_CANCEL = 2, 3, 4, 5, 17
BY_PROVIDER = 0
# For each method: what it must have and what it may not have.
METHODS = [
    ("card", "reason proof"),  # scan
    ("proof", "reason"),  # rotating
    ("proof", "reason"),  # challenge
    ("reason", "proof"),  # manual
    ("", "reason proof"),  # import
]


def needs(event, names):
    for name in names.split():
        refuse(f"missing_{name}", KEY[name] in event)


def never(event, names):
    for name in names.split():
        refuse(f"unused_{name}", KEY[name] not in event)


def verify_form(event):
    must, may, _ = KINDS[event[4]]
    needs(event, must)
    never(event, " ".join(name for name in NAMES if name not in (must + " " + may).split()))
    if event[4] in (IN, OUT):
        must, may_not = METHODS[event[KEY["method"]]]
        needs(event, must)
        never(event, may_not)
    if event[4] == ABSENT and KEY["absence"] not in event:
        never(event, "absence_document document")
    if event[4] == LESSON_CANCEL and event[KEY["cancellation"]] != BY_PROVIDER:
        needs(event, "document")
    if event[4] == CORRECT:
        refuse("corrects_nothing", any(KEY[name] in event for name in REPLACING.split()))
        if KEY["child"] in event:
            needs(event, "voucher")


def read(given, name):
    return shaped(bytes.fromhex(given[name]), EVENT)


def event_form(given, _):
    verify_form(read(given, "event"))


def correction(given, _):
    event, later = read(given, "event"), read(given, "correction")
    about = later.get(KEY["about"])
    refuse("about_another", later[4] == CORRECT and about == bytes.fromhex(given["hash"]))
    verify_form(later)
    allowed = KINDS[event[4]][2].split()
    refuse("kind_not_correctable", allowed)
    replaced = {name for name in REPLACING.split() if KEY[name] in later}
    refuse("field_not_correctable", replaced <= set(allowed))
    corrected = event | {KEY[name]: later[KEY[name]] for name in replaced}
    verify_form(corrected)
    return encode(corrected).hex()


FORMS = {"correction": correction, "event-form": event_form}
