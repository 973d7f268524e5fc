-- The log: leaves, the tree's nodes, checkpoints. Append-only.
CREATE TABLE leaf (
    -- One leaf of the log, opened. `bytes` is what was signed; the columns beside are an index.
    leaf_index INTEGER PRIMARY KEY CHECK (leaf_index >= 0),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE node (
    -- A complete subtree of the Merkle tree; level 0 holds the leaf hashes.
    level INTEGER NOT NULL,
    node_index INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, node_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    -- A signed tree head; never two for one size.
    tree_size INTEGER PRIMARY KEY,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL
) STRICT;

-- Devices and their chains.
CREATE TABLE device (
    -- An enrolled device; the certificate is the truth.
    device BLOB PRIMARY KEY CHECK (length(device) = 8),
    certificate BLOB NOT NULL,
    last_contact_ms INTEGER,
    suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    -- Where each event stands in the log and in its device's chain.
    device BLOB NOT NULL REFERENCES device (device),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    leaf_index INTEGER NOT NULL UNIQUE REFERENCES leaf (leaf_index),
    PRIMARY KEY (device, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked (
    -- An event that was put aside, with the reason; evidence, never deleted.
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    bytes BLOB NOT NULL,
    reason TEXT NOT NULL,
    arrived_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE batch (
    -- Which events a batch carried, by its hash, so that its receipt can be asked for.
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    events BLOB NOT NULL
) STRICT;

CREATE TABLE ticket (
    -- A one-time enrolment ticket: only the hash of its secret is kept.
    secret_hash BLOB PRIMARY KEY CHECK (length(secret_hash) = 32),
    grants TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_by BLOB
) STRICT;

CREATE TABLE child (
    -- Names for rosters. Never in the log; a row may be erased without breaking the tree.
    child BLOB PRIMARY KEY CHECK (length(child) = 12),
    name TEXT NOT NULL,
    card BLOB NOT NULL CHECK (length(card) = 8)
) STRICT, WITHOUT ROWID;

-- The ledger: what the fold over the log has written. It can be rebuilt from the log.
CREATE TABLE tranche (
    -- A closed month.
    month INTEGER PRIMARY KEY,
    leaf_index INTEGER NOT NULL UNIQUE REFERENCES leaf (leaf_index),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE ledger_entry (
    -- One voucher's month: plan = accrued + held + released, checked on every write.
    month INTEGER NOT NULL REFERENCES tranche (month),
    voucher BLOB NOT NULL CHECK (length(voucher) = 8),
    provider BLOB NOT NULL CHECK (length(provider) = 8),
    plan_tiyn INTEGER NOT NULL CHECK (plan_tiyn >= 0),
    accrued_tiyn INTEGER NOT NULL CHECK (accrued_tiyn >= 0),
    held_tiyn INTEGER NOT NULL CHECK (held_tiyn >= 0),
    released_tiyn INTEGER NOT NULL CHECK (released_tiyn >= 0),
    PRIMARY KEY (month, voucher),
    CHECK (plan_tiyn = accrued_tiyn + held_tiyn + released_tiyn)
) STRICT, WITHOUT ROWID;

CREATE TABLE redemption (
    -- A voucher's month that the Treasury paid: once.
    voucher BLOB NOT NULL CHECK (length(voucher) = 8),
    month INTEGER NOT NULL,
    document TEXT NOT NULL,
    notice_leaf INTEGER NOT NULL REFERENCES leaf (leaf_index),
    UNIQUE (voucher, month),
    FOREIGN KEY (month, voucher) REFERENCES ledger_entry (month, voucher)
) STRICT;

CREATE TRIGGER leaf_no_update BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER leaf_no_delete BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER node_no_update BEFORE UPDATE ON node BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER node_no_delete BEFORE DELETE ON node BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'a signed checkpoint stays'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'a signed checkpoint stays'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER parked_no_update BEFORE UPDATE ON parked BEGIN SELECT RAISE(ABORT, 'evidence stays'); END;
CREATE TRIGGER parked_no_delete BEFORE DELETE ON parked BEGIN SELECT RAISE(ABORT, 'evidence stays'); END;
CREATE TRIGGER tranche_no_update BEFORE UPDATE ON tranche BEGIN SELECT RAISE(ABORT, 'a closed month stays'); END;
CREATE TRIGGER tranche_no_delete BEFORE DELETE ON tranche BEGIN SELECT RAISE(ABORT, 'a closed month stays'); END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'corrections are made forward'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'corrections are made forward'); END;
CREATE TRIGGER redemption_no_update BEFORE UPDATE ON redemption BEGIN SELECT RAISE(ABORT, 'a payment stays'); END;
CREATE TRIGGER redemption_no_delete BEFORE DELETE ON redemption BEGIN SELECT RAISE(ABORT, 'a payment stays'); END;
