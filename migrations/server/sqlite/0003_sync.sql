-- What a server keeps to sync in its full form.

-- What carries events where no connection goes.

CREATE TABLE parcel (
    -- Parcels that were opened, by the SHA-256 of their bytes, each with its signed answer: same
    -- bytes, same answer. The parcel's own bytes are not kept: its events are. Append-only.
    name    BLOB PRIMARY KEY CHECK (length(name) = 32),
    device  BLOB NOT NULL,
    answer  BLOB NOT NULL,
    at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER parcel_no_update BEFORE UPDATE ON parcel
BEGIN SELECT RAISE(ABORT, 'an answer to a parcel is never changed'); END;
CREATE TRIGGER parcel_no_delete BEFORE DELETE ON parcel
BEGIN SELECT RAISE(ABORT, 'an answer to a parcel is never deleted'); END;
-- When events came, and which cards were revoked.
CREATE TABLE arrival (
    -- When the server took an event: the latest moment at which it can have been made. Not in the log,
    -- so that no sum may rest on it.
    leaf_index INTEGER PRIMARY KEY REFERENCES leaf (leaf_index),
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE card_index (
    -- The place of each logged card in the status list, read from its leaf.
    card BLOB PRIMARY KEY REFERENCES card (card),
    status_index INTEGER NOT NULL CHECK (status_index >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_of_index ON card_index (status_index);

CREATE TABLE card_decision (
    -- What was decided about a card; the newest decision of each card counts. Append-only.
    id INTEGER PRIMARY KEY,
    card BLOB NOT NULL REFERENCES card (card),
    revoked INTEGER NOT NULL CHECK (revoked IN (0, 1)),
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_of_card ON card_decision (card, id);

CREATE TABLE status_list (
    -- Every list of revoked cards that was signed, so that a change leads from each of them.
    version INTEGER PRIMARY KEY CHECK (version >= 0),
    issued_at_s INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TRIGGER arrival_no_update BEFORE UPDATE ON arrival
BEGIN SELECT RAISE(ABORT, 'an arrival stays'); END;
CREATE TRIGGER arrival_no_delete BEFORE DELETE ON arrival
BEGIN SELECT RAISE(ABORT, 'an arrival stays'); END;
CREATE TRIGGER card_index_no_update BEFORE UPDATE ON card_index
BEGIN SELECT RAISE(ABORT, 'a place stays'); END;
CREATE TRIGGER card_index_no_delete BEFORE DELETE ON card_index
BEGIN SELECT RAISE(ABORT, 'a place stays'); END;
CREATE TRIGGER card_decision_no_update BEFORE UPDATE ON card_decision
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER card_decision_no_delete BEFORE DELETE ON card_decision
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER status_list_no_update BEFORE UPDATE ON status_list
BEGIN SELECT RAISE(ABORT, 'a status list stays'); END;
CREATE TRIGGER status_list_no_delete BEFORE DELETE ON status_list
BEGIN SELECT RAISE(ABORT, 'a status list stays'); END;
-- The life of a device: its certificates, its end, and what is let in after it.
CREATE TABLE certificate (
    -- A certificate that took the place of the one before it: renewed, or with other groups. The
    -- newest counts; the first one is in `device`.
    device BLOB NOT NULL REFERENCES device (device),
    serial INTEGER NOT NULL CHECK (serial > 0),
    bytes BLOB NOT NULL,
    made_ms INTEGER NOT NULL,
    PRIMARY KEY (device, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket_replaces (
    -- The device whose place the ticket's device takes.
    ticket BLOB PRIMARY KEY REFERENCES ticket (secret_hash),
    device BLOB NOT NULL REFERENCES device (device)
) STRICT, WITHOUT ROWID;

CREATE TABLE replacement (
    -- A coordinator's decision in the log to revoke a device once a ticket is used.
    ticket BLOB NOT NULL CHECK (length(ticket) = 32),
    device BLOB NOT NULL REFERENCES device (device),
    reason INTEGER NOT NULL,
    decision BLOB NOT NULL REFERENCES event (hash),
    PRIMARY KEY (ticket, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_device (
    -- Which devices are revoked, and by which event in the log. The highest number is the version of
    -- the signed list.
    number INTEGER PRIMARY KEY CHECK (number > 0),
    device BLOB NOT NULL UNIQUE REFERENCES device (device),
    at_ms INTEGER NOT NULL,
    -- How many of its events were in the log then.
    events INTEGER NOT NULL CHECK (events >= 0),
    reason INTEGER NOT NULL,
    decision BLOB NOT NULL REFERENCES event (hash),
    replaced_by BLOB CHECK (length(replaced_by) = 8)
) STRICT;

CREATE TABLE release (
    -- An event that was put aside and then let into the log, and the decision that did it.
    event BLOB PRIMARY KEY REFERENCES event (hash),
    decision BLOB NOT NULL REFERENCES event (hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked_place (
    -- Where an event that was put aside says it stands; an index over `parked`. Nothing says that it is
    -- true.
    hash BLOB PRIMARY KEY REFERENCES parked (hash),
    device BLOB NOT NULL CHECK (length(device) = 8),
    seq INTEGER NOT NULL CHECK (seq >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_of_device ON parked_place (device, seq);

CREATE TABLE told (
    -- What a device said of itself at its last hello. Replaced.
    device BLOB PRIMARY KEY REFERENCES device (device),
    seq_next INTEGER NOT NULL,
    version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER certificate_no_update BEFORE UPDATE ON certificate
BEGIN SELECT RAISE(ABORT, 'a certificate stays'); END;
CREATE TRIGGER certificate_no_delete BEFORE DELETE ON certificate
BEGIN SELECT RAISE(ABORT, 'a certificate stays'); END;
CREATE TRIGGER replacement_no_update BEFORE UPDATE ON replacement
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER replacement_no_delete BEFORE DELETE ON replacement
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER revoked_device_no_update BEFORE UPDATE ON revoked_device
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER revoked_device_no_delete BEFORE DELETE ON revoked_device
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER release_no_update BEFORE UPDATE ON release
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER release_no_delete BEFORE DELETE ON release
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
