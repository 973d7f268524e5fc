-- What a device keeps of the evidence about the log: who else saw it, and that nothing is missing.

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
