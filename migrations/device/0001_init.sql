-- Device database, version 1. Forward only: a mistake is fixed by the next number.
-- Times are milliseconds since 1970-01-01T00:00Z; hashes and ids are raw bytes.

CREATE TABLE device_key (
    -- The one key this database belongs to: public half, Ed25519. One row.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    key      BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

CREATE TABLE enrolment (
    -- Who this device is, and whom it trusts. One row, replaced as a whole.
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    server        TEXT NOT NULL,
    origin        TEXT NOT NULL,
    roots         BLOB NOT NULL,
    trust_list    BLOB NOT NULL,
    -- Highest version ever accepted; an older list is refused.
    trust_version INTEGER NOT NULL,
    certificate   BLOB NOT NULL
) STRICT;

CREATE TABLE roster (
    -- The current signed roster. One row, replaced as a whole, never by an older version.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;

CREATE TABLE event (
    -- What this device signed, in chain order. The bytes are the truth, the columns beside them an
    -- index. The chain's head is the last row. Never changed, never deleted.
    seq     INTEGER PRIMARY KEY CHECK (seq >= 0),
    hash    BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    kind    TEXT NOT NULL,
    lesson  BLOB,
    child   BLOB,
    -- The event this one speaks of.
    about   BLOB,
    wall_ms INTEGER NOT NULL,
    bytes   BLOB NOT NULL
) STRICT;

-- Events of a lesson come together, so these stay local although lesson ids are random.
CREATE INDEX event_of_lesson ON event (lesson, seq) WHERE lesson IS NOT NULL;
CREATE INDEX event_about ON event (about, seq) WHERE about IS NOT NULL;

CREATE TRIGGER event_keeps_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER event_keeps_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

CREATE TABLE delivery (
    -- What the server answered about an event; the newest answer counts. Append-only.
    id      INTEGER PRIMARY KEY,
    seq     INTEGER NOT NULL REFERENCES event (seq),
    verdict TEXT NOT NULL CHECK (verdict IN ('stored', 'duplicate', 'parked', 'deferred')),
    reason  TEXT,
    at_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX delivery_of_event ON delivery (seq, id);

CREATE TRIGGER delivery_keeps_no_update BEFORE UPDATE ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery is never changed'); END;
CREATE TRIGGER delivery_keeps_no_delete BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'a delivery is never deleted'); END;

CREATE TABLE checkpoint (
    -- Verified checkpoints that receipts rest on: one root for one size, for ever.
    origin TEXT NOT NULL,
    size   INTEGER NOT NULL CHECK (size > 0),
    root   BLOB NOT NULL CHECK (length(root) = 32),
    note   TEXT NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER checkpoint_keeps_no_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never changed'); END;
CREATE TRIGGER checkpoint_keeps_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'a checkpoint is never deleted'); END;

CREATE TABLE receipt (
    -- Verified receipts of own events: an event with a row here is acknowledged. Append-only.
    seq        INTEGER PRIMARY KEY REFERENCES event (seq),
    salt       BLOB NOT NULL CHECK (length(salt) = 16),
    bytes      BLOB NOT NULL,
    leaf_index INTEGER NOT NULL,
    origin     TEXT NOT NULL,
    tree_size  INTEGER NOT NULL,
    -- One leaf holds one event: a second one at the same place shows a forked log.
    UNIQUE (origin, leaf_index),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE TRIGGER receipt_keeps_no_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is never changed'); END;
CREATE TRIGGER receipt_keeps_no_delete BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is never deleted'); END;

CREATE VIEW event_state AS
    -- The queue: how far each event has come, computed from events, deliveries and receipts alone.
    -- receipted, or the newest verdict, or recorded if the server has not answered.
    SELECT event.*,
           CASE WHEN EXISTS (SELECT 1 FROM receipt WHERE receipt.seq = event.seq) THEN 'receipted'
                ELSE coalesce((SELECT verdict FROM delivery WHERE delivery.seq = event.seq
                               ORDER BY id DESC LIMIT 1), 'recorded')
           END AS state
      FROM event;

CREATE TABLE visit_seen (
    -- On a parent's device: visits of the own children, recorded by others, each with its proof.
    origin      TEXT NOT NULL,
    leaf_index  INTEGER NOT NULL,
    hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    child       BLOB NOT NULL,
    wall_ms     INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    bytes       BLOB NOT NULL,
    salt        BLOB NOT NULL CHECK (length(salt) = 16),
    receipt     BLOB NOT NULL,
    tree_size   INTEGER NOT NULL,
    PRIMARY KEY (origin, leaf_index),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE TRIGGER visit_seen_keeps_no_update BEFORE UPDATE ON visit_seen
BEGIN SELECT RAISE(ABORT, 'a visit is never changed'); END;
CREATE TRIGGER visit_seen_keeps_no_delete BEFORE DELETE ON visit_seen
BEGIN SELECT RAISE(ABORT, 'a visit is never deleted'); END;

CREATE TABLE statement (
    -- Statements of the log's owner about a month, each proven to be in the log. The one with the
    -- highest leaf counts; earlier ones stay.
    month      INTEGER NOT NULL,
    leaf_index INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    salt       BLOB NOT NULL CHECK (length(salt) = 16),
    receipt    BLOB NOT NULL,
    origin     TEXT NOT NULL,
    tree_size  INTEGER NOT NULL,
    PRIMARY KEY (month, origin, leaf_index),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE TRIGGER statement_keeps_no_update BEFORE UPDATE ON statement
BEGIN SELECT RAISE(ABORT, 'a statement is never changed'); END;
CREATE TRIGGER statement_keeps_no_delete BEFORE DELETE ON statement
BEGIN SELECT RAISE(ABORT, 'a statement is never deleted'); END;

CREATE TABLE alarm (
    -- What the server said that does not hold, with the bytes it said. Append-only.
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    code     TEXT NOT NULL,
    detail   TEXT NOT NULL,
    -- The event it is about, where there is one.
    subject  BLOB,
    evidence BLOB NOT NULL
) STRICT;

CREATE TRIGGER alarm_keeps_no_update BEFORE UPDATE ON alarm
BEGIN SELECT RAISE(ABORT, 'an alarm is never changed'); END;
CREATE TRIGGER alarm_keeps_no_delete BEFORE DELETE ON alarm
BEGIN SELECT RAISE(ABORT, 'an alarm is never deleted'); END;

CREATE TABLE cache (
    -- The server's last answers for screens. Nothing here is evidence; it may be dropped.
    key        TEXT PRIMARY KEY,
    json       TEXT NOT NULL,
    fetched_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
