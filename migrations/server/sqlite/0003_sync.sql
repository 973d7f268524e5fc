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
