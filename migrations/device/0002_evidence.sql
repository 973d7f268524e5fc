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
