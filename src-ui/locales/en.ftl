# Frame
home = Qatysu, start page
skip = To the content
pages = Pages
language = Language
loading = One moment…
cancel = Cancel
back = Back
never = never
tab-today = Today
tab-records = Records
tab-visits = Visits
tab-months = Months
tab-devices = Devices
tab-collect = Collect
tab-sync = Sync
role-teacher = Teacher
role-parent = Parent
role-coordinator = Coordinator
role-provider-admin = Provider’s administrator
role-delegate = Brings the child
clock-demonstration = Demonstration: the clock is set by hand to { $now }.
clock-ahead = The clock of this device is { $span } fast. Visits are kept as usual; in the settings, let the network set the clock.
clock-behind = The clock of this device is { $span } slow. Visits are kept as usual; in the settings, let the network set the clock.
clock-jumped = The clock of this device moved by { $span } since the last contact with the server. Visits are kept as usual; in the settings, let the network set the clock.
clock-stopped = The clock of this device stands still. Visits are kept as usual; in the settings, let the network set the clock.
clock-not-set = The clock of this device was not set since it was switched on. Visits are kept as usual; in the settings, let the network set the clock.
not-enrolled-title = This device is not enrolled
enrol-lead = The coordinator shows a ticket on their screen, under Devices. Hold it before the camera. It is good for ten minutes and for one device.
enrol-busy = Enrolling this device…
enrol-typed = Or type the ticket's text
enrol-submit = Enrol
revoked-banner = This device was revoked ({ $since }): it keeps everything and may still send, but what is new counts only after the coordinator's decision.
choose = Choose…

# Marks: the order of truth
mark-recorded = Recorded
mark-carried = Carried
mark-sent = Sent
mark-receipted = Receipted
mark-witnessed = Witnessed
mark-recorded-meaning = Kept on the device where it was made
mark-carried-meaning = Somebody keeps it and takes it to the server; the server has said nothing yet
mark-sent-meaning = The server has it; its receipt is not here yet
mark-receipted-meaning = The log's receipt is here and was verified on this device
mark-witnessed-meaning = Independent witnesses saw the log with this record in it
waiting = { $count ->
    [one] { $count } record waits
   *[other] { $count } records wait
}
sync-all-receipted = All receipted

# Times
moment = { $day }, { $time }
day-month = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
month-year = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
ago-now = just now
ago-minutes = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

# Teacher: today
today-empty = No lessons are planned for today.
day-which = Which day
day-before = Day before
day-after = Next day
day-ahead = A day to come: lessons can be cancelled or moved beforehand
day-empty = No lessons of your groups are planned on this day.
lesson-change = Cancel or move
lesson-planned = Planned
lesson-open = Open
lesson-ended = Ended
lesson-start = Start
lesson-not-held = Not held
lesson-not-held-ask = Is this lesson not held? It stays in the plan and is not paid. Families see it after the next sync.
lesson-not-held-confirm = Yes, it is not held
lesson-move = Move
lesson-move-to = New day and time
lesson-move-confirm = Move the lesson
lesson-move-other-month = In another month it is not paid: choose a day of the same month.
lesson-as-planned = Hold it as planned
lesson-moved-from = Moved from { $moment }
cancelled-provider = Not held: the provider does not hold it
cancelled-quarantine = Not held: quarantine by order
cancelled-weather = Not held: cancelled for the weather
cancelled-order = Not held: cancelled by an official order
lesson-scan = Scan
roster = Roster
counter = { $present } of { $enrolled }

# Teacher: scan
scan-wait = Hold the child's card before the camera.
scan-earlier = Earlier results
outcome-kept = Recorded
outcome-already = Already marked in this lesson
outcome-guest = Recorded as a guest: not on this group's roster
outcome-refused = Card refused
refusal-foreign = This is not an attendance card.
refusal-other-scheme = This is an identity card of another scheme: it names a person, but is no attendance card. Mark by hand, or ask the coordinator for the card.
refusal-malformed = The card is damaged or was changed.
refusal-unknown-version = This card is newer than the app. Update the app.
refusal-unknown-key = This card was signed by a key that this device does not trust.
refusal-bad-signature = The signature does not match: the card was edited or invented.
refusal-expired = The card is no longer valid. The family needs a new one.
refusal-revoked = This card was revoked: it was lost or replaced. Mark the child by hand, with this reason; the family needs the new card.
refusal-code-mistyped = There is a slip in the code. Type it once more.
refusal-code-unknown = No child of this group has this code.
refusal-phone-code-old = This code is no longer valid: a picture of a screen does not count. Let the phone show its present code.
refusal-phone-code-ahead = The phone's code is of a time to come: one of the two clocks is wrong. Scan the paper card, and connect both devices once.
refusal-phone-code-used = This very code was recorded here already. Wait for the phone's next code.
refusal-phone-unknown-card = This device does not know the card that the phone speaks for. Scan the paper card.
refusal-phone-not-family = This phone is not of this child's family. Scan the paper card.
refusal-phone-revoked = This phone may no longer speak for the child: it was revoked or its time is over. Scan the paper card.
camera = Camera picture
camera-starting = Starting the camera…
camera-absent = No camera was found.
camera-denied = The camera is not allowed. Allow it in the settings of the browser or the device.
camera-failed = The camera stopped or does not work.
camera-way-out = You can go on without it: type the code under the QR, use a hand scanner, choose a picture, or mark by hand.
camera-again = Try again
camera-turn = Other camera
camera-zoom = Zoom
camera-torch = Light
camera-no-decoder = The reader of codes could not be loaded. Close the page and open it again.
camera-taken = Another program is using the camera. Close it there, and it comes back here.
image-choose = Picture
image-busy = Reading the picture…
image-nothing = There is no code in this picture.
image-unreadable = This picture cannot be opened.
typed-label = Code under the QR
typed-submit = Enter
native-scan = Phone's scanner
native-stopped = The phone's scanner was closed or did not work.
native-no-model = The phone's scanner is not ready: its module comes when there is internet. Use the camera on this page.
by-hand = Mark by hand
by-hand-title = Who is it?
reason-ask = Why by hand?
reason-card-forgotten = Card forgotten
reason-card-unreadable = Card cannot be read
reason-card-refused = Card refused
reason-no-camera = No camera

# Teacher: roster and end
roster-missing = Missing
roster-present = Present
was-by-hand = by hand
end-lesson = End lesson
end-summary = Present: { $present } (guests: { $guests }), missing: { $missing } (excused: { $excused }). Nobody can be marked after the lesson has ended.

# Visits
visits-lead = Was your child there? Your answer is signed on this device.
visits-empty = No visits yet.
visit-marked-at = Marked at { $time }
answer-ask = Was the child there?
answer-was = Was there
answer-was-not = Was not there
answer-yours = Your answer
answer-family = The family's answer
proof-open = Proof

# Undo and correction
undo = Undo
undone = Mark withdrawn. If the card is shown again, it counts anew.
was-absent = Was entered as absent. The mark counts.
correct = Correct
withdraw-ask = What is wrong with this mark?
withdrawal-not-there = The child was not there
withdrawal-other-child = It was another child
withdrawal-other-lesson = It belongs to another lesson
withdrawal-slip = A slip or a trial
correct-child-ask = Or: another child came. Which one?
withdrawn-at = Mark withdrawn, { $when }
withdrawn-why = Mark withdrawn, { $when }: { $why }
guest-tag = guest
left-tag = left at { $time }

# Absence
absence-ask = Why is the child absent?
absence-more = Absence
absence-sick = Ill
absence-leave = On leave
absence-quarantine = Quarantine
absence-unexcused = No excuse
absence-other = Absent
absence-number = Number of the document
absence-file = Photo or PDF of the document
absence-file-ready = File chosen: { $name }
absence-file-hint = The file stays on this device, encrypted. Only its fingerprint is signed.
absence-save = Enter the absence
absence-withdraw = Withdraw the absence
absence-came = The child has a mark in this lesson. The mark counts; nothing was entered.
absence-document = document { $number }
absence-show = Show the document
absence-hide = Hide the document
absence-save-file = Save the document
absence-elsewhere = The document's file is on the device that entered it.
absence-no-document = no document yet
absence-by-other = entered on another device
absence-reason-left = A reason can be entered until { $day }, { $left } left.
absence-reason-over = The time for a reason ended on { $day }. What you enter is kept; the issuer decides about it.
absence-document-left = The document can be added until { $day }, { $left } left.
absence-document-over = The time for a document ended on { $day }. What you add is kept; the issuer decides about it.

# End of a lesson
headcount-ask = This lesson was drawn for a spot check. How many children are in the room?
headcount-label = Children counted
headcount-known = Children counted: { $count }
headcount-skip = End without counting

# Who is in the building
inside-title = In the building now
inside-empty = Nobody is marked in an open lesson.
inside-since = { $group }, since { $time }
inside-left = Left
inside-unknown = A guest who is on no list here
inside-close = Cancel

# A family's code
tab-code = Code
code-lead = Hold this code before the teacher's camera. It changes every 15 seconds; a picture of it is of no use.
code-children = Whose code
code-qr = The code of { $name }
code-left = { $seconds ->
    [one] New code in { $seconds } second
   *[other] New code in { $seconds } seconds
}
code-late = The next code is being made
code-empty = No child of this family is on a list here yet. Fetch it on the Send page.
code-paper = Paper card
code-paper-lead = Print it and give it to the child. Or ask the coordinator for a printed card by this code:
code-paper-qr = The paper card of { $name }
code-paper-none = The card has not come to this phone yet. Fetch it on the Send page, or ask the coordinator for it.
code-print = Print

# A family's month
tab-month = Month
sheets-empty = No lessons of a child are planned here yet. Fetch them on the Send page.
sheets-lead = What this device has verified of your child's month. What is paid is computed from the log when the month is closed.
sheet-planned = Planned
sheet-attended = Attended
sheet-excused = Excused
sheet-unpaid = Not paid so far
sheet-to-come = To come
sheet-days = All lessons of the month
sheet-excused-cap = { $count ->
    [one] No more than { $count } excused lesson of this month is paid.
   *[other] No more than { $count } excused lessons of this month are paid.
}
day-to-come = To come
day-confirmed = Attended, confirmed by you
day-awaiting = Attended, waits for your answer
day-disputed = You said it did not take place for your child: not paid until it is resolved
day-excused = Absent with a document
day-no-document = Absent, the document is missing: not paid without it
day-unexcused = Absent without an excuse: not paid
day-missing = No mark and no reason: not paid
day-not-held = The provider did not hold the lesson: not paid
day-cancelled-official = Cancelled by an official order: it does not count
sheet-complete = Nothing about your child is hidden up to entry { $number } of the log.
sheet-complete-unknown = It is not proven yet that nothing is missing here. The proof comes with the next sync.
sheet-faults = Something about your child is missing here. See the Visits page.
sheet-waits = { $count ->
    [one] { $count } visit without your answer: your signature confirms it.
   *[other] { $count } visits without your answer: your signature confirms them.
}
sheet-disputes-stay = What you disputed stays disputed.
sheet-sign = Sign the month
sheet-sign-early = You sign this month from { $from } to { $until }.
sheet-sign-now = You sign this month until { $until }.
sheet-sign-late = The days for signing, { $from } to { $until }, are over. A signature now goes into the supplementary sheet.
sheet-signed = Signed, { $when }
sheet-signed-more = There are visits that your signature does not cover.
answer-not-sure = Not sure
not-sure = You were not sure ({ $when }). Ask at home or the teacher, then answer here until { $day }.
answer-until = Answer until { $day }.
visit-withdrawn = The teacher took this mark back. It is not counted.

# Completeness
complete-to = Complete: nothing about { $child } is hidden up to entry { $number } ({ $moment }).
complete-unknown = { $child }: it is not proven yet that nothing is hidden. The proof comes with the next sync.
complete-until = Nothing about { $child } is hidden up to entry { $number }.
complete-do = Write the number down and tell the coordinator. An auditor can open that entry in the month's bundle.
complete-entries = Entries about { $child }: { $count }
complete-entry = Entry { $number }
complete-own = this device

seen-title = Who looked at your children’s data ({ $count })
seen-lead = What the server gave to others than this phone in the last entries it keeps. It keeps them for five years.
seen-nobody = Nobody else so far.
seen-all-children = All children of the district
seen-who-teacher = teacher’s tablet
seen-who-family = another phone of the family
seen-who-coordinator = coordinator
seen-who-provider-admin = a provider’s administrator
seen-who-issuer = the issuer
seen-who-commission = the commission
seen-who-treasury = the Treasury
seen-who-operator = server operator
seen-who-other = another device
seen-roster = list of the group
seen-visits = visits
seen-answers = the family’s answers about visits
seen-entry = an entry of the log
seen-voucher = the voucher: places, parts, account
seen-choices = list of children for a new device
seen-statement = the month’s sums
seen-registry = the Treasury’s registry
seen-bundle = the month’s audit bundle
seen-sheets = a provider’s sheet of the month
seen-signals = the month’s signals
seen-views = this list of views
seen-other = other data
fault-not-asked = Entry { $number } is about { $child } and has not come yet. Sync again.
fault-not-shown = Entry { $number } is about { $child }, and the server does not show it.
fault-wrong = Entry { $number } is about { $child }, and what the server shows of it does not hold.
fault-unnamed = Entry { $number } is about { $child }, and the log's list does not name it: the server tells two stories.
entry-in = Came
entry-out = Left
entry-absent = Absent
entry-correct = Correction
entry-void = Withdrawn entry
entry-confirm = A parent's answer: was there
entry-dispute = A parent's answer: was not there
entry-month-sign = A parent signed the month
entry-card = A card was issued
entry-other = Another entry

# Proof
proof-title = Proof of the record
proof-lead = Each step is stronger than the one before. From the receipt on, others can check it.
proof-place = Entry { $number } of { $size } in the log
proof-log = Log
proof-event = Record
proof-no-file = There is no receipt yet. It comes with the next sync after the log has taken the record.
proof-file-title = For a third party
proof-file-lead = Anybody can check this file offline, without trusting the server:
proof-file = Download the receipt
proof-file-show = Show the file

# Sync
sync-lead = Everything stays on this device until its receipt is here.
sync-now = Send now
sync-busy = Sending…
sync-result = Sent: { $sent }. Receipts verified: { $receipted }. Visits received: { $received }.
sync-parked = { $count ->
    [one] { $count } record was put aside by the server and needs attention.
   *[other] { $count } records were put aside by the server and need attention.
}
sync-not-sent = Not sent
sync-not-receipted = Without receipt
sync-events = Records on this device
sync-oldest = Oldest without receipt
sync-last = Last contact
sync-last-error = Last attempt
sync-log-size = Entries in the verified log
sync-log-witnessed = Of these seen by witnesses
sync-trust = Trusted keys
sync-trust-stale = The list of trusted keys should have been replaced { $ago }. Work goes on; newer keys are not known here.
sync-roster = List of groups and children
sync-roster-coming = { $here } of { $all } kB are here. What is here stays; the rest comes with the next contact. Until then the list of before counts.
sync-cards = Revoked cards
sync-cards-as-of = As of { $when }
sync-cards-stale = As of { $when }. The list is old: what was revoked since is not known here. Nobody is refused for it; send once to get the new one.
sync-cards-none = The list is not here yet. Nobody is refused for it.
sync-device = Device
sync-next = Next attempt
sync-suspended = The server has set this device aside: two records with one number were seen. Everything recorded stays here. Ask the coordinator for a new device or a decision.
next-sync-rest = All is well: it then looks for news.
next-sync-recorded = Something new was recorded.
next-sync-online = The network is back.
next-sync-resumed = The app is open again.
next-sync-pressed = You asked for it.
next-sync-unanswered = The last attempt was not answered; the next ones are further apart.
next-sync-busy = The server is busy and asked for this wait.
next-sync-refused = The server refused the last attempt. Nothing is deleted; tell the coordinator if it stays so.
parked-fork = Another record of this device has the same number: the device was copied, or an older state of it was put back.
parked-suspended = The device had been set aside before this came.
parked-expired = It was made after the device's certificate had ended: the device needs a new ticket.
parked-bad-signature = The signature does not match.
parked-broken-link = It does not continue the record before it.
parked-malformed = It is damaged.
parked-other = For a reason that this version does not know.
carry-title = Carry by QR
carry-lead = No network here? Show what waits on this screen to a colleague's device. It is sealed: whoever carries it cannot read it. It stays here until the server's answer comes back.
carry-show = Show what waits
carry-take = Scan the server's answer
carry-code = Moving QR code with the waiting records
carry-inside = Records inside: { $events }. Left for another time: { $left }.
carry-pause = Pause
carry-go-on = Go on
carry-speed = { $count } a second
carry-answered = The server has { $taken } of these records; new receipts: { $receipted }.
carry-parcel = A sealed parcel with { $events } records came, for the server.
carry-other = Something came that this device has no use for.
collect-progress = How much has come
collect-percent = { $count } %
export-title = Help to rebuild the server
export-lead = If the server has lost its disk, the coordinator asks for this file. It holds all that this device knows of the log, with its proofs: give it to nobody else.
export-save = Save the file for the coordinator
export-result = Entries in the file: { $entries }. Records still without a receipt: { $waiting }.
sync-carried = Carried by others
sync-not-direct = The server does not answer. The way over a hub was taken.
carrier-line = { $count ->
    [one] { $name }: { $count } record, { $ago }
   *[other] { $name }: { $count } records, { $ago }
}

# Through people
people-title = Without a network: through people
people-lead = A file holds sealed records: whoever carries it cannot read them. Only the server can.
carry-save-own = Save my records to carry
carry-open = Open a carried file
carry-save-all = Save for others too
carry-saved = Parcels in the file: { $parcels }. Answers: { $answers }.
carry-taken-others = For others: new parcels { $parcels }, here already { $known }, answers { $answers }.
carry-taken-own = For this device: receipts verified { $receipted }, newly carried { $carried }.
carry-damaged = { $count ->
    [one] { $count } thing in the file is damaged. Everything else was taken.
   *[other] { $count } things in the file are damaged. Everything else was taken.
}
hub-scan-lead = If the coordinator's device is a hub, scan the code on its screen. What waits is left there, and answers come back.
hub-scan = Scan the hub's code
hub-visit = Hub "{ $name }": newly carried { $carried }, receipts that came back { $receipted }, parcels waiting there { $waiting }.
hub-news = Newer lists that came with it (revoked devices, revoked cards, trusted keys): { $lists }.

# Alarms
alarms-title = Alarms
alarms-lead = What the server said that did not hold. Nothing that was recorded is lost by it.
alarms-empty = No alarms.
alarms-count = { $count ->
    [one] { $count } alarm
   *[other] { $count } alarms
}
alarm-banner = The log shows two histories. Nothing more of it is believed here.
alarm-do = What to do:
alarm-save = Save the evidence
alarm-record = The record
alarm-two-histories = The log shows two histories
alarm-two-histories-means = The server signed two statements about its log that cannot both be true: entries were changed or removed, or two servers run under one name. The evidence is here, and nobody else can have made it.
alarm-two-histories-do = Go on recording: everything stays on this device and is still sent. Save the evidence and give it to the coordinator and the district. This device believes this key of the log no more, until the district gives the log a new one.
alarm-not-consistent = The server could not prove that its log only grew
alarm-not-consistent-means = The server gave no proof, or a wrong one, that nothing was changed in its log since the last contact. By itself that is no evidence of fraud: an answer can be damaged on the way.
alarm-not-consistent-do = Go on recording. If it stays so for a day, save the evidence and tell the coordinator. Receipts come again as soon as the server has proven it.
alarm-log-older = The server shows an older log
alarm-log-older-means = The server knows fewer entries than it has shown before, as after a restored backup. Records that have a receipt here may be missing there.
alarm-log-older-do = Keep this device and its data. Tell the coordinator: what is missing can be put back from the devices.
alarm-bad-checkpoint = A statement about the log is not properly signed
alarm-bad-checkpoint-means = No trusted key of the log signed what the server showed, or a witness's signature in it is false.
alarm-bad-checkpoint-do = Go on recording. If it comes again tomorrow, save the evidence and tell the coordinator.
alarm-bad-receipt = A receipt does not hold
alarm-bad-receipt-means = The receipt does not prove that the record is in the log. The record stays on this device and is not taken for done.
alarm-bad-receipt-do = Send again later. If it comes again, save the evidence and tell the coordinator.
alarm-bad-visit = A visit does not hold
alarm-bad-visit-means = The server showed a visit that no trusted device signed, or that is not in the log where it should be. It is not among the visits.
alarm-bad-visit-do = Save the evidence and ask the provider and the coordinator.
alarm-bad-statement = A month's figures do not hold
alarm-bad-statement-means = The statement about a month is not signed by the log, or is not in it.
alarm-bad-statement-do = Pay nothing by these figures. Save the evidence and tell the district.
alarm-incomplete = The log's list about the child does not hold
alarm-incomplete-means = The lists that say what the log holds about the child have a gap, or contradict the log. Something may be hidden.
alarm-incomplete-do = Save the evidence and ask the coordinator which entry is missing.
alarm-forked = This device has two histories
alarm-forked-means = The server has another record under a number that a record of this device has too. The device's data was copied, or an older state of it was put back and went on recording. Both records are kept as evidence.
alarm-forked-do = Delete nothing. Record on another device and give this one to the coordinator, who decides what counts.
alarm-restored = An older state of this device was put back
alarm-restored-means = The server has more records of this device than there are here. What is recorded here now would get numbers that are taken, and would be put aside.
alarm-restored-do = Record on another device and ask the coordinator for a new ticket. What the server has is safe there.
alarm-other = Something did not hold
alarm-other-means = The server said something that this device could not verify. It was not believed.
alarm-other-do = Save the evidence and tell the coordinator.

# Coordinator
months-empty = No months yet. Fetch them on the sync page.
devices-empty = No devices yet. Fetch them on the sync page.
board-as-of = As fetched { $ago }
board-never = Not fetched yet
month-open = Open
month-closing = Closing
month-closed = Closed
month-paid = Paid
month-closing-hint = Closed here and kept; the server has not answered yet.
month-counts = Visits: { $visits }. Confirmed: { $confirmed }. Waiting for a parent: { $awaiting }. Disputed: { $disputed }.
month-times = By signed times, made in the lesson: { $inside }. Not certain: { $unsure }. Outside: { $outside }. Each visit needs the family’s confirmation.
sum-plan = Plan
sum-accrued = Earned
sum-held = Held
sum-released = Returned to the limit
sum-unearned = Not earned so far
close-month = Close month
close-month-ask = The tranche goes into the log and to the Treasury. A closed month cannot be opened again.
close-month-confirm = Yes, close it
close-from = Can be closed from { $day }.
tranche-place = Entry { $number } of the log
rule-version = Rules { $version }
registry = Treasury registry
children = { $count ->
    [one] { $count } child
   *[other] { $count } children
}
paid-by = Paid, document { $document }
payment-title = Payment notice
payment-amount = Sum paid, tenge
payment-document = Document number
payment-submit = Record payment
payment-unreadable = This is not a sum. Write tenge like 12 345.60.
device-events = { $count ->
    [one] { $count } record in the log
   *[other] { $count } records in the log
}
new-device = New device
ticket-role = Whose device
ticket-name = Its name, such as "Gym tablet 2"; no child's name
ticket-provider = Provider
whole-district = The whole district
ticket-groups = Groups
ticket-children = Children
ticket-make = Make the ticket
ticket-title = Ticket for the new device
ticket-lead = Open the app on the new device and hold its camera before this code.
ticket-qr = The ticket as a QR Code
ticket-left = Good for { $left } more
ticket-over = The ticket is over. Make a new one.
ticket-done = Done
device-backlog = { $count ->
    [one] { $count } more on the device
   *[other] { $count } more on the device
}
device-revoked = Revoked { $day }: { $why }
device-revoking = Revoked here; the decision waits to be sent.
device-suspended = Set aside: two histories were seen under its key. Replace it.
device-replaced-by = Its place was taken by { $name }
device-replaces = Takes the place of { $name }
device-version = Program { $version }
device-certificate = Its certificate holds until { $day } and is renewed before.
device-replace = Replace
device-revoke = Revoke
device-revoke-ask = What this device sends from now on is put aside. What is in the log stays. This cannot be taken back: a device that returns needs a new ticket.
device-revoke-why = Why?
device-groups = Groups
device-groups-hint = The device gets its new certificate and roster at its next contact.
device-groups-save = Save the groups
revoke-lost = It is lost
revoke-stolen = It was stolen
revoke-replaced = Another took its place
revoke-left = Its person left
revoke-misused = It was misused
parked-title = Put aside
parked-strays = What no device of this district signed. It is kept as evidence.
parked-count = { $count ->
    [one] { $count } record is put aside:
   *[other] { $count } records are put aside:
}
parked-revoked = It came after the device was revoked.
undecided-title = { $count ->
    [one] { $count } visit waits for your decision
   *[other] { $count } visits wait for your decision
}
undecided-disputed = The family says that the child was not there.
undecided-conflict = Another provider has the child at the same time.
undecided-until = To be decided by { $day }
undecided-decide = Decide
undecided-ask = Was the child there?
undecided-was = The child was there
undecided-was-not = The child was not there
undecided-finding = What shows it
undecided-document = Number of the paper
undecided-hint = Your decision goes into the log under your device's signature, and the family and the provider can see it.
undecided-confirm = Record the decision
finding-evidence = Papers or witnesses
finding-slip = A slip of whoever recorded or answered
finding-inspection = The commission looked for itself
finding-no-evidence = Nobody could show that it was so
finding-other = Something else, named in the paper
parked-release = { $count ->
    [one] Let { $count } record into the log
   *[other] Let { $count } records into the log
}
parked-release-ask = Have you made sure that these records are true? Your decision goes into the log under your device's signature.
parked-release-confirm = Yes, let them in

# Collect
collect-lead = Sealed records of tablets that see no network. They wait here until the server has them.
collect-empty = Nothing is carried here.
collect-counts = Waiting here: { $waiting }. Answered: { $answered }.
collect-oldest = The oldest came { $ago }.
collect-damaged = { $count ->
    [one] { $count } file was damaged on this disk. Its device brings it again.
   *[other] { $count } files were damaged on this disk. Their devices bring them again.
}
hub-title = Hub on the local network
hub-on = On: tablets around here can leave their records.
hub-off = Off.
hub-switch-on = Switch the hub on
hub-switch-off = Switch the hub off
hub-code = Code of this hub, to be scanned by tablets
hub-announced = Tablets on this network find the hub by themselves.
hub-not-announced = This network does not tell about the hub: tablets scan the code.
hub-impossible = This device cannot be a hub. It can carry by file.
parcel-waiting = Waits here
parcel-refused = Not taken by the server
parcel-answered = Answer is here
parcel-of-unknown = Device not on the board
parcel-events = { $count ->
    [one] { $count } record
   *[other] { $count } records
}

# What could not be done
saved-title = Saved from a damaged file
saved-events = The data file was damaged. { $events } records and { $receipts } receipts were saved from it, and the damaged file is kept.
saved-missing = Not readable: records { $missing }. The server gives back what it has at the next sync.
saved-in-doubt = Nothing is recorded until this device has reached the server once: it may have recorded more than it could read back.
saved-cannot-settle = If this stays so after a sync, the coordinator has to enrol this device anew.
error-offline = The server does not answer. Everything recorded is kept and will be sent later.
error-sign-in = This network wants a sign-in: open its page in a browser, or use another network. Nothing was sent; everything is kept, and it is tried again by itself.
error-storage-full = The storage is full. This was not recorded; free some space and try again.
error-head-in-doubt = Nothing was recorded: this device is not certain which visits it has recorded already. Connect it to the network and press Send now; write today's visits on paper until then.
error-lesson-not-open = This lesson is not open.
error-not-allowed = This device may not do that.
error-not-found = That is not on this device.
error-month-refused = The month cannot be closed or paid as asked.
error-wrong-sum = This is not the sum of the registry. Nothing was recorded: compare the notice with the registry.
error-not-enrolled = This device has no certificate yet. The coordinator has to enrol it first.
error-ticket-unreadable = This is no ticket, or a part of it is missing. Scan it again.
error-ticket-refused = This ticket was used or its time is over. Ask the coordinator for a new one.
error-proof-alarm = The server's answer does not hold. Everything is kept; tell the coordinator now.
error-log-older = The server shows an older log than before, as after a restored backup. Everything stays on this device.
error-hub-refused = This hub is not of your district, or cannot prove who it is. Nothing was left there.
error-hub-away = The hub does not answer, or did not take everything. What is recorded stays on this device.
error-not-a-carry-file = This is not a file of carried records.
error-other-server = This file is for another district's server. Take it to a device of that district.
error-needs-reason = It is too late to undo this mark. Correct it on the roster, with a reason.
error-document-refused = This file was not kept. A document is a photo or a PDF of at most 4 MB; you can also give its number.
error-bad-request = That could not be understood.
error-broken = Something went wrong. Nothing that was recorded is lost.

# Pictures
picture-table = The figures as a table
picture-part = Part
picture-sum = Tenge
cell-present = Came
cell-awaiting = Came, not confirmed yet
cell-disputed = Disputed
cell-excused = Excused
cell-absent = Absent
cell-to-come = To come
cell-nothing = No lesson here
days-open = Who came on the last days
days-of-group = The group's last lessons
days-of-groups = Groups, day by day: how many came
days-of-month = The month, lesson by lesson
days-child = Child
days-group = Group
days-none = No lesson of the last weeks is on this device.
hours-name = Marked today, hour by hour
hours-hour = Hour
hours-count = Children
waterfall-name = Where the month's plan goes
sum-paid = Paid
backlog-name = Records that waited at a day's end
backlog-day = Days from now
backlog-count = Records
volume-name = Children taught on average, { $from } – { $to }
volume-planned = Plan
volume-taught = Closed months
volume-forecast = To the end
volume-children = Children

# Delegates
delegates-open = Who else brings the children
delegates-title = Who else brings the children
delegates-lead = A grandmother, or somebody you trust, shows the code on her own phone. She sees no visits and confirms nothing. Up to three for a child, each for 90 days.
delegates-empty = Nobody is named so far.
delegate-named = Brings
delegate-ending = Ends with the next contact
delegate-ended = Ended
delegate-over = Time is over
delegate-until = Until { $day }
delegate-new = Name somebody
delegate-name = Who, such as "Grandmother"; no child's name
delegate-children = Which children
delegate-make = Show the ticket
delegate-end = End
delegate-end-ask = The phone's codes are refused as soon as the teacher's tablet hears of it. Sure?
delegate-end-confirm = End it

# Places
places-title = Places and vouchers
places-lead = When a club has a place for your child, you answer here. A place that nobody takes in time goes to another child.
places-empty = No voucher of your children is known here yet. Fetch it on the Sync page.
places-as-of = As the server said it, { $when }.
places-asks = A place is offered: { $child }. Answer here.
place-waiting = Waits for a place
place-offered = A place is offered
place-missed = The time is over
place-booked = The place is yours
place-contracted = The contract is signed
place-voucher = Voucher { $number }
place-answer-until = { $count ->
    [0] Answer today: { $day } is the last day.
    [one] Answer until { $day }: { $count } working day is left.
   *[other] Answer until { $day }: { $count } working days are left.
}
place-sign-until = { $count ->
    [0] Sign the contract with the club today: { $day } is the last day.
    [one] Sign the contract with the club until { $day }: { $count } working day is left.
   *[other] Sign the contract with the club until { $day }: { $count } working days are left.
}
place-accept = Take the place
place-accept-ask = The place is kept for your child, and you sign the contract with the club within the time that is shown then. Until it is signed you can still give the place up. Take it?
place-accept-confirm = Yes, take it
place-decline = Decline
place-give-up = Give the place up
place-decline-ask = The place goes to another child, and that cannot be taken back. The voucher stays in force and waits for another offer. Give the place up?
place-decline-confirm = Yes, give it up
place-answered-accept = You take the place
place-answered-decline = You gave the place up
place-kept = Your answer is kept on this phone and goes with the next contact. The day on which you gave it counts.
place-not-taken = Your last answer changed nothing: it came too late, or the club takes nobody now. Ask the coordinator.
