-- What a server keeps to sync in its full form.

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
