-- What a device keeps to sync in its full form.

-- What carries events where no connection goes.

CREATE TABLE parcel_key (
    -- The key of the server that parcels are sealed to, as its log signed it, and where its datagram
    -- door is. One row, replaced as a whole; verified again under the trust list at each use.
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    origin        TEXT NOT NULL,
    stated        BLOB NOT NULL,
    -- The UDP port; null if there is no door.
    datagram_port INTEGER CHECK (datagram_port BETWEEN 1 AND 65535)
) STRICT;

CREATE TABLE parcel (
    -- Parcels that were sealed here, by the SHA-256 of their bytes: an answer is about one of them.
    -- Append-only.
    name  BLOB PRIMARY KEY CHECK (length(name) = 32),
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER parcel_keeps_no_update BEFORE UPDATE ON parcel
BEGIN SELECT RAISE(ABORT, 'a parcel is never changed'); END;
CREATE TRIGGER parcel_keeps_no_delete BEFORE DELETE ON parcel
BEGIN SELECT RAISE(ABORT, 'a parcel is never deleted'); END;

CREATE TABLE parcel_event (
    -- Which events are in a parcel, by their place in its batch, from 0. Append-only.
    parcel BLOB NOT NULL REFERENCES parcel (name),
    place  INTEGER NOT NULL CHECK (place >= 0),
    seq    INTEGER NOT NULL REFERENCES event (seq),
    PRIMARY KEY (parcel, place)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER parcel_event_keeps_no_update BEFORE UPDATE ON parcel_event
BEGIN SELECT RAISE(ABORT, 'what is in a parcel is never changed'); END;
CREATE TRIGGER parcel_event_keeps_no_delete BEFORE DELETE ON parcel_event
BEGIN SELECT RAISE(ABORT, 'what is in a parcel is never changed'); END;
