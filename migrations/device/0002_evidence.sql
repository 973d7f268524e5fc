-- What a device keeps of the evidence about the log: who else saw it, and that nothing is missing.

CREATE TABLE tag_key (
    -- On a parent's device: the key that finds an own child's tags in a log. The first one stays.
    origin TEXT NOT NULL,
    child  BLOB NOT NULL CHECK (length(child) = 12),
    key    BLOB NOT NULL CHECK (length(key) = 32),
    PRIMARY KEY (origin, child)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tag_key_keeps_no_update BEFORE UPDATE ON tag_key
BEGIN SELECT RAISE(ABORT, 'a tag key is never changed'); END;
CREATE TRIGGER tag_key_keeps_no_delete BEFORE DELETE ON tag_key
BEGIN SELECT RAISE(ABORT, 'a tag key is never deleted'); END;

CREATE TABLE tag_list (
    -- A verified tag list that was searched for a child's leaves, from `first` on and before `next`.
    -- The rows of a child leave no gap from leaf 0 on. Append-only.
    origin     TEXT NOT NULL,
    child      BLOB NOT NULL,
    first      INTEGER NOT NULL CHECK (first >= 0),
    next       INTEGER NOT NULL CHECK (next > first),
    -- The list's own leaf, and the tree it was proven in.
    leaf_index INTEGER NOT NULL CHECK (leaf_index >= next),
    tree_size  INTEGER NOT NULL,
    -- When it was verified, by this device's clock.
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (origin, child, first),
    FOREIGN KEY (origin, child) REFERENCES tag_key (origin, child),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tag_list_keeps_no_update BEFORE UPDATE ON tag_list
BEGIN SELECT RAISE(ABORT, 'a tag list is never changed'); END;
CREATE TRIGGER tag_list_keeps_no_delete BEFORE DELETE ON tag_list
BEGIN SELECT RAISE(ABORT, 'a tag list is never deleted'); END;

CREATE TABLE own_leaf (
    -- A leaf that a verified tag list says is about an own child. Append-only.
    origin     TEXT NOT NULL,
    child      BLOB NOT NULL,
    leaf_index INTEGER NOT NULL CHECK (leaf_index >= 0),
    PRIMARY KEY (origin, child, leaf_index),
    FOREIGN KEY (origin, child) REFERENCES tag_key (origin, child)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER own_leaf_keeps_no_update BEFORE UPDATE ON own_leaf
BEGIN SELECT RAISE(ABORT, 'an own leaf is never changed'); END;
CREATE TRIGGER own_leaf_keeps_no_delete BEFORE DELETE ON own_leaf
BEGIN SELECT RAISE(ABORT, 'an own leaf is never deleted'); END;

CREATE TABLE entry (
    -- A leaf about own children that is neither a visit (`visit_seen`) nor of this device, with its
    -- proof. Append-only.
    origin      TEXT NOT NULL,
    leaf_index  INTEGER NOT NULL CHECK (leaf_index >= 0),
    -- What it holds, by the number of `LeafKind`.
    kind        INTEGER NOT NULL,
    hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- Of the device that signed it, where it is an event.
    certificate BLOB,
    bytes       BLOB NOT NULL,
    salt        BLOB NOT NULL CHECK (length(salt) = 16),
    receipt     BLOB NOT NULL,
    tree_size   INTEGER NOT NULL,
    PRIMARY KEY (origin, leaf_index),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE TRIGGER entry_keeps_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
CREATE TRIGGER entry_keeps_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;

CREATE TABLE entry_refusal (
    -- Why a leaf about an own child was not shown, or not believed; the newest counts. Append-only.
    id         INTEGER PRIMARY KEY,
    origin     TEXT NOT NULL,
    leaf_index INTEGER NOT NULL,
    -- 'refused': the server did not show it. 'wrong': what it showed does not hold.
    why        TEXT NOT NULL CHECK (why IN ('refused', 'wrong')),
    detail     TEXT NOT NULL,
    at_ms      INTEGER NOT NULL
) STRICT;

CREATE INDEX entry_refusal_of_leaf ON entry_refusal (origin, leaf_index, id);

CREATE TRIGGER entry_refusal_keeps_no_update BEFORE UPDATE ON entry_refusal
BEGIN SELECT RAISE(ABORT, 'a refusal is never changed'); END;
CREATE TRIGGER entry_refusal_keeps_no_delete BEFORE DELETE ON entry_refusal
BEGIN SELECT RAISE(ABORT, 'a refusal is never deleted'); END;

CREATE TABLE history (
    -- Checkpoints that are proven to be of one history: each was linked with the newest one before it
    -- by a consistency proof, in one direction or the other. The first stands alone. Append-only.
    origin      TEXT NOT NULL,
    size        INTEGER NOT NULL,
    -- Size of the checkpoint it was linked with; null for the first.
    linked_with INTEGER,
    -- The proof: hashes of 32 bytes, one after the other.
    path        BLOB NOT NULL CHECK (length(path) % 32 = 0),
    PRIMARY KEY (origin, size),
    FOREIGN KEY (origin, size) REFERENCES checkpoint (origin, size),
    FOREIGN KEY (origin, linked_with) REFERENCES history (origin, size)
) STRICT, WITHOUT ROWID;

-- What was accepted before there were links: the newest stands for it, the others are linked at the
-- next contacts.
INSERT INTO history SELECT origin, max(size), NULL, x'' FROM checkpoint GROUP BY origin;

CREATE TRIGGER history_keeps_no_update BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'a link is never changed'); END;
CREATE TRIGGER history_keeps_no_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'a link is never deleted'); END;

CREATE TABLE witnessed (
    -- Linked checkpoints that enough witnesses of the trust list cosigned: whatever is below their
    -- size is witnessed. Append-only.
    origin        TEXT NOT NULL,
    size          INTEGER NOT NULL,
    -- The checkpoint with the cosignatures.
    note          TEXT NOT NULL,
    -- By which trust list they were enough.
    trust_version INTEGER NOT NULL,
    PRIMARY KEY (origin, size),
    FOREIGN KEY (origin, size) REFERENCES history (origin, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER witnessed_keeps_no_update BEFORE UPDATE ON witnessed
BEGIN SELECT RAISE(ABORT, 'a witnessed checkpoint is never changed'); END;
CREATE TRIGGER witnessed_keeps_no_delete BEFORE DELETE ON witnessed
BEGIN SELECT RAISE(ABORT, 'a witnessed checkpoint is never deleted'); END;

CREATE TABLE disbelieved (
    -- Keys of a log that signed two histories: nothing that they sign counts any more. The evidence
    -- is in `alarm`. Append-only.
    origin TEXT NOT NULL,
    key    BLOB NOT NULL CHECK (length(key) = 32),
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (origin, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER disbelieved_keeps_no_update BEFORE UPDATE ON disbelieved
BEGIN SELECT RAISE(ABORT, 'a key that signed two histories stays so'); END;
CREATE TRIGGER disbelieved_keeps_no_delete BEFORE DELETE ON disbelieved
BEGIN SELECT RAISE(ABORT, 'a key that signed two histories stays so'); END;

DROP VIEW event_state;
CREATE VIEW event_state AS
    -- The queue: how far each event has come, computed from what is kept and from nothing else.
    -- witnessed or receipted, or the newest verdict, or recorded if the server has not answered.
    SELECT event.*,
           CASE WHEN receipt.seq IS NULL
                THEN coalesce((SELECT verdict FROM delivery WHERE delivery.seq = event.seq
                               ORDER BY id DESC LIMIT 1), 'recorded')
                WHEN EXISTS (SELECT 1 FROM history JOIN witnessed USING (origin)
                              WHERE history.origin = receipt.origin
                                AND history.size = receipt.tree_size
                                AND witnessed.size > receipt.leaf_index) THEN 'witnessed'
                ELSE 'receipted'
           END AS state
      FROM event LEFT JOIN receipt ON receipt.seq = event.seq;

CREATE VIEW visit_state AS
    -- On a parent's device: the visits seen, each witnessed or receipted.
    SELECT visit_seen.*,
           CASE WHEN EXISTS (SELECT 1 FROM history JOIN witnessed USING (origin)
                              WHERE history.origin = visit_seen.origin
                                AND history.size = visit_seen.tree_size
                                AND witnessed.size > visit_seen.leaf_index) THEN 'witnessed'
                ELSE 'receipted'
           END AS state
      FROM visit_seen;

CREATE VIEW statement_state AS
    -- The statements about months, each witnessed or receipted.
    SELECT statement.*,
           CASE WHEN EXISTS (SELECT 1 FROM history JOIN witnessed USING (origin)
                              WHERE history.origin = statement.origin
                                AND history.size = statement.tree_size
                                AND witnessed.size > statement.leaf_index) THEN 'witnessed'
                ELSE 'receipted'
           END AS state
      FROM statement;

CREATE VIEW entry_state AS
    -- The other leaves about own children, each witnessed or receipted.
    SELECT entry.*,
           CASE WHEN EXISTS (SELECT 1 FROM history JOIN witnessed USING (origin)
                              WHERE history.origin = entry.origin
                                AND history.size = entry.tree_size
                                AND witnessed.size > entry.leaf_index) THEN 'witnessed'
                ELSE 'receipted'
           END AS state
      FROM entry;
