-- Leaves of more kinds. SQLite cannot change a CHECK: the table is copied. Foreign keys are off while
-- a migration runs, and are checked before it counts.
CREATE TABLE leaf_with_more_kinds (
    -- One leaf of the log, opened. `bytes` is what was signed; the columns beside are an index.
    leaf_index INTEGER PRIMARY KEY CHECK (leaf_index >= 0),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 255),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    bytes BLOB NOT NULL
) STRICT;
INSERT INTO leaf_with_more_kinds SELECT leaf_index, kind, salt, bytes FROM leaf;
DROP TABLE leaf;
ALTER TABLE leaf_with_more_kinds RENAME TO leaf;

CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Tag lists (kind 5) are looked for without reading the leaves between them.
CREATE INDEX leaf_of_tags ON leaf (leaf_index) WHERE kind = 5;

CREATE TABLE card (
    -- Where each logged card stands in the log, and whose it is; `leaf.bytes` is the truth.
    card BLOB PRIMARY KEY CHECK (length(card) = 8),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    child BLOB NOT NULL CHECK (length(child) = 12),
    leaf_index INTEGER NOT NULL UNIQUE REFERENCES leaf (leaf_index)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER card_no_update BEFORE UPDATE ON card
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER card_no_delete BEFORE DELETE ON card
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- The newest card of a child, and the snapshots (kind 1), are looked for at every roster.
CREATE INDEX card_of_child ON card (child, leaf_index);
CREATE INDEX leaf_of_snapshot ON leaf (leaf_index) WHERE kind = 1;

-- What witnesses said, and which trust lists were in force. Append-only.
CREATE TABLE cosignature (
    -- A witness's line under a checkpoint, verified before it was kept; the first one of each stays.
    tree_size INTEGER NOT NULL REFERENCES checkpoint (tree_size),
    witness_key BLOB NOT NULL CHECK (length(witness_key) = 32),
    line TEXT NOT NULL,
    PRIMARY KEY (tree_size, witness_key)
) STRICT, WITHOUT ROWID;
-- Where a witness stands is asked before each request to it.
CREATE INDEX cosignature_of_witness ON cosignature (witness_key, tree_size);

CREATE TABLE trust_list (
    -- Every trust list that this server ran with, so that it never goes back to an older one.
    version INTEGER PRIMARY KEY CHECK (version >= 0),
    bytes BLOB NOT NULL
) STRICT;

CREATE TRIGGER cosignature_no_update BEFORE UPDATE ON cosignature
BEGIN SELECT RAISE(ABORT, 'a cosignature stays'); END;
CREATE TRIGGER cosignature_no_delete BEFORE DELETE ON cosignature
BEGIN SELECT RAISE(ABORT, 'a cosignature stays'); END;
CREATE TRIGGER trust_list_no_update BEFORE UPDATE ON trust_list
BEGIN SELECT RAISE(ABORT, 'trust lists stay'); END;
CREATE TRIGGER trust_list_no_delete BEFORE DELETE ON trust_list
BEGIN SELECT RAISE(ABORT, 'trust lists stay'); END;

-- What a rebuild after a lost disk could not open.
CREATE TABLE lost_leaf (
    -- A leaf that is in the tree, and nobody handed over what it commits to. It is lost as long as
    -- `leaf` has no row with its index; the hash is NULL where not even that is known.
    leaf_index INTEGER PRIMARY KEY CHECK (leaf_index >= 0),
    hash BLOB CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE given_up_leaf (
    -- A person's decision that a lost leaf will not come back: months are closed without it.
    leaf_index INTEGER PRIMARY KEY REFERENCES lost_leaf (leaf_index),
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TRIGGER lost_leaf_no_update BEFORE UPDATE ON lost_leaf
BEGIN SELECT RAISE(ABORT, 'what was lost stays written down'); END;
CREATE TRIGGER lost_leaf_no_delete BEFORE DELETE ON lost_leaf
BEGIN SELECT RAISE(ABORT, 'what was lost stays written down'); END;
CREATE TRIGGER given_up_leaf_no_update BEFORE UPDATE ON given_up_leaf
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
CREATE TRIGGER given_up_leaf_no_delete BEFORE DELETE ON given_up_leaf
BEGIN SELECT RAISE(ABORT, 'a decision stays'); END;
