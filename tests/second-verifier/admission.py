"""The section about admissions of providers: its form. It changes no sum of a month."""

from cbor import refuse

YES_NO = (
    "SIGNATURE", "NOTIFICATION", "SANITARY", "FIRE", "QUALIFICATION", "MEDICAL",
    "NO_CRIMINAL_RECORD", "PROGRAMME", "SCHEDULE",
)
DEBTS = ("TAX", "PENSION", "SOCIAL")
CHECKS = (*YES_NO, *DEBTS, "CAPACITY")
SECTION = ("binds_from", "imports", "checks", "listings", "waivers")
LISTS = SECTION[1:]
IMPORT = ("id", "register", "sha256", "by", "day", "answers")
CHECK = (
    "id", "bin", "check", "found", "day", "valid_to", "document", "sha256", "source", "address",
)
LISTING = ("id", "bin", "day", "listed", "document", "by")
WAIVER = ("check", "from", "document")
OPTIONAL = ("sha256", "valid_to", "address")
U32 = 2**32 - 1


def record(value, names):
    """The fields in their order; what is nothing is not written."""
    refuse("snapshot", type(value) is dict and value.keys() <= set(names))
    for name in names:
        refuse("snapshot", value.get(name) is not None or name in OPTIONAL)
    return {name: value[name] for name in names if value.get(name) is not None}


def filled(*texts):
    for text in texts:
        refuse("snapshot", type(text) is str and text.strip())


def digest(one):
    found = one.get("sha256", "0" * 64)
    refuse("snapshot", type(found) is str and len(found) == 64)
    refuse("snapshot", all(letter in "0123456789abcdef" for letter in found))


def a_bin(text):
    """Twelve digits; the last follows from the others as in an IIN."""
    refuse("snapshot", type(text) is str and len(text) == 12 and text.isascii() and text.isdigit())
    digits = [int(letter) for letter in text]
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        check = sum(digit * weight for digit, weight in zip(digits, weights)) % 11
        if check < 10:
            break
    refuse("snapshot", check == digits[11])


def whole_number(value, largest):
    refuse("snapshot", type(value) is int and 0 <= value <= largest)


def answers(check, found):
    """What was found must be an answer to the check."""
    if check in YES_NO:
        refuse("snapshot", found in ("yes", "no"))
        return
    kind, largest = ("debt_tiyn", 2**63 - 1) if check in DEBTS else ("places", U32)
    refuse("snapshot", type(found) is dict and found.keys() == {kind})
    whole_number(found[kind], largest)


def ids(values):
    found = [one["id"] for one in values]
    refuse("snapshot", all(type(name) is str for name in found))
    refuse("snapshot", len(set(found)) == len(found))
    return set(found)


def admission(value, a_day):
    """The section in its one form; the order of its entries is theirs."""
    refuse("snapshot", type(value) is dict and value.keys() <= set(SECTION))
    refuse("snapshot", "binds_from" in value)
    a_day(value["binds_from"])
    for name in LISTS:
        refuse("snapshot", type(value.get(name, [])) is list)
    shapes = zip(LISTS, (IMPORT, CHECK, LISTING, WAIVER))
    read = {name: [record(one, shape) for one in value.get(name, [])] for name, shape in shapes}
    imports = ids(read["imports"])
    ids(read["checks"]), ids(read["listings"])
    for one in read["imports"]:
        filled(one["id"], one["register"], one["by"])
        digest(one), a_day(one["day"]), whole_number(one["answers"], U32)
    for one in read["checks"]:
        look_at_check(one, imports, a_day)
    for one in read["listings"]:
        filled(one["id"], one["document"], one["by"])
        a_bin(one["bin"]), a_day(one["day"])
        refuse("snapshot", type(one["listed"]) is bool)
    for one in read["waivers"]:
        filled(one["document"]), a_day(one["from"])
        refuse("snapshot", one["check"] in CHECKS)
    return {"binds_from": value["binds_from"]} | {name: read[name] for name in LISTS if read[name]}


def look_at_check(one, imports, a_day):
    filled(one["document"], one["source"])
    digest(one), a_bin(one["bin"])
    refuse("snapshot", type(one["id"]) is str and "/" in one["id"])
    refuse("snapshot", one["id"].split("/")[0] in imports and one["check"] in CHECKS)
    answers(one["check"], one["found"])
    refuse("snapshot", "valid_to" not in one or a_day(one["day"]) <= a_day(one["valid_to"]))
    a_day(one["day"])
    if "address" in one:
        refuse("snapshot", type(one["address"]) is str)
    if one["check"] == "NOTIFICATION" and one["found"] == "yes":
        filled(one.get("address"))


def keeps(known, newer):
    """Whether every entry is at its place as it was."""
    if known is None:
        return True
    if newer is None or known["binds_from"] != newer["binds_from"]:
        return False
    return all(newer.get(name, [])[: len(known.get(name, []))] == known.get(name, []) for name in LISTS)
