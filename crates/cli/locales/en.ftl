# What is printed on paper and told about rows. Every key is in all three languages.

# Sheets and acts on paper
paper-sheet-title = Attendance sheet, { $month }
paper-act-title = Act of services rendered, { $month }
paper-issuer = Issuer: { $name }, BIN { $bin }
paper-provider = Provider: { $name }, BIN { $bin }
paper-rules = Rules of the calculation: { $rules }
paper-sum = To be paid: { $sum } ₸ (vouchers: { $lines })
paper-total = Total
paper-rests-on = Signed tranche { $tranche }, entry { $leaf } of the log “{ $log }”.
paper-signed-provider = Signed by the provider: key { $key }, { $day }, entry { $leaf } of the log.
paper-signed-issuer = Signed by the issuer: key { $key }, { $day }, entry { $leaf } of the log.
paper-sign-provider = Provider (position, name, signature, date)
paper-sign-issuer = Issuer (position, name, signature, date)
paper-verify = To check it: qatysu verify-paper
paper-foot = Qatysu, { $number }

# Months
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-of-year = { $month } { $year }

# Columns
column-voucher-number = Voucher
column-child = Child
column-group = Group
column-planned = Planned
column-paid = Paid
column-excused = Excused
column-pending = Pending
column-plan = Plan, ₸
column-cap = Cap, ₸
column-accrued = To pay, ₸
column-held = Held, ₸
column-released = Released, ₸

# Codes of days, and the letters for them
day-short-present = P
day-present = present
day-short-present-late = L
day-present-late = late
day-short-excused-sick = S
day-excused-sick = sick
day-short-excused-leave = E
day-excused-leave = excused
day-short-excused-quarantine = Q
day-excused-quarantine = quarantine
day-short-unexcused = —
day-unexcused = absent
day-short-disputed = D
day-disputed = disputed by the family
day-short-awaiting-confirmation = ?
day-awaiting-confirmation = awaits the family
day-short-held-manual-share = Hm
day-held-manual-share = held: too many marks by hand
day-short-held-day-limit = Hd
day-held-day-limit = held: more visits in a day than are paid
day-short-lesson-cancelled-by-provider = C
day-lesson-cancelled-by-provider = cancelled by the provider
day-short-holiday = H
day-holiday = day off
day-short-not-enrolled = ·
day-not-enrolled = outside of the contract

# What is told about tables and rows
refused = refused
cell-no-month = “{ $value }” in “{ $column }” is no month: write 2026-09

# Children, groups, vouchers
iin-twice = this IIN is in the file already
child-long-name = the name is too long: at most { $most } characters
child-there = a child of this name is there already ({ $child }): write that pseudonym into “child”, or the word “new”
child-twice = child { $child } is in the file already
bin-digits = a BIN has twelve digits
bin-check = the BIN's check digit is wrong: look at the number again
check-unknown = “{ $value }” is no check: see qatysu admission import --help
check-result = “{ $value }” does not answer { $check }: yes or no; a debt in tenge; a number of places
check-ends-early = it ends before its day
check-no-hash = a SHA-256 has 64 hexadecimal digits
check-no-address = a notification needs its address
import-nothing = Nothing to change: all of the file is there already.
import-unchanged = Nothing was changed.
import-more = … and { $more } more
import-refused = { $refused } of { $rows } rows are wrong
import-past = this would change the past ({ $why })
import-would = Dry run: { $changed } of { $rows } rows would change something.
import-taken = Done: { $changed } of { $rows } rows changed something.
budget-over = Budget { $budget }: { $excess } ₸ more are committed than there is; { $vouchers } vouchers do not fit.

# Payments
payment-entered = entered: { $month }, { $sum } ₸, document { $document }
payment-would = would be entered: { $month }, { $sum } ₸, document { $document }
payment-known = entered before: document { $document }
payment-twice = this payment is in row { $first } already
payment-wrong-sum = the registry says { $due } ₸, the file { $found } ₸
payment-not-closed = the month { $month } is not closed yet, or not known
payment-nothing-due = nothing is due to this provider for { $month }
payment-unknown-provider = the provider { $provider } is not in the registry of { $month }
payment-paid-otherwise = the month is paid already, by the document { $document }
payment-long-document = the document's number is too long: at most { $most } characters
payment-refused = the device refused it: { $why }
payments-counted = Accepted: { $accepted }; there before: { $known }; refused: { $refused }.
payments-unsent = Not sent to the server yet: it goes with the device's next sync.
