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
