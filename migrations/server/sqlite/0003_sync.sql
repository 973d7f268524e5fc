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
