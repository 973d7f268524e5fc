-- What a device keeps to sync in its full form.

-- Sync engine: how far deltas were looked through, and what families answered.

CREATE TABLE delta_cursor (
    -- The leaf to ask from next, for each kind of delta of a log: an interrupted sync goes on there.
    -- Nothing here is evidence; it only ever rises.
    origin TEXT NOT NULL,
    name   TEXT NOT NULL,
    next   INTEGER NOT NULL CHECK (next >= 0),
    PRIMARY KEY (origin, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE answer_seen (
    -- On a teacher's device: answers of families about its visits, each with its proof; the one with
    -- the highest leaf counts. Append-only.
    origin      TEXT NOT NULL,
    leaf_index  INTEGER NOT NULL CHECK (leaf_index >= 0),
    hash        BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    -- The own visit that it speaks of.
    about       BLOB NOT NULL REFERENCES event (hash),
    was         INTEGER NOT NULL CHECK (was IN (0, 1)),
    certificate BLOB NOT NULL,
    bytes       BLOB NOT NULL,
    salt        BLOB NOT NULL CHECK (length(salt) = 16),
    receipt     BLOB NOT NULL,
    tree_size   INTEGER NOT NULL,
    PRIMARY KEY (origin, leaf_index),
    FOREIGN KEY (origin, tree_size) REFERENCES checkpoint (origin, size)
) STRICT;

CREATE INDEX answer_seen_about ON answer_seen (about, leaf_index);

CREATE TRIGGER answer_seen_keeps_no_update BEFORE UPDATE ON answer_seen
BEGIN SELECT RAISE(ABORT, 'an answer is never changed'); END;
CREATE TRIGGER answer_seen_keeps_no_delete BEFORE DELETE ON answer_seen
BEGIN SELECT RAISE(ABORT, 'an answer is never deleted'); END;
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

-- Who carries: events that somebody else keeps and passes on.

CREATE TABLE parcel_kept (
    -- Bytes of own parcels that have no answer yet, so that they are the same for each carrier. No
    -- evidence: a row goes with its answer, or when nothing of it waits any more.
    parcel BLOB PRIMARY KEY REFERENCES parcel (name),
    bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE carried (
    -- A carrier's signed word that it keeps a parcel of this device, verified. It says nothing of the
    -- server. Append-only.
    parcel          BLOB NOT NULL CHECK (length(parcel) = 32),
    carrier         BLOB NOT NULL CHECK (length(carrier) = 8),
    -- Since when the carrier has it, by the carrier's clock.
    at_ms           INTEGER NOT NULL,
    acknowledgement BLOB NOT NULL,
    certificate     BLOB NOT NULL,
    PRIMARY KEY (parcel, carrier)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER carried_keeps_no_update BEFORE UPDATE ON carried
BEGIN SELECT RAISE(ABORT, 'a carrier''s word is never changed'); END;
CREATE TRIGGER carried_keeps_no_delete BEFORE DELETE ON carried
BEGIN SELECT RAISE(ABORT, 'a carrier''s word is never deleted'); END;

CREATE TABLE carried_event (
    -- An own event that is in a carried parcel. Append-only.
    seq     INTEGER NOT NULL REFERENCES event (seq),
    parcel  BLOB NOT NULL,
    carrier BLOB NOT NULL,
    PRIMARY KEY (seq, parcel, carrier),
    FOREIGN KEY (parcel, carrier) REFERENCES carried (parcel, carrier)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER carried_event_keeps_no_update BEFORE UPDATE ON carried_event
BEGIN SELECT RAISE(ABORT, 'what was carried is never changed'); END;
CREATE TRIGGER carried_event_keeps_no_delete BEFORE DELETE ON carried_event
BEGIN SELECT RAISE(ABORT, 'what was carried is never deleted'); END;

DROP VIEW event_state;
CREATE VIEW event_state AS
    -- The queue: how far each event has come, computed from what is kept and from nothing else.
    -- witnessed or receipted; or the newest verdict, unless it only puts the event off; or carried;
    -- or deferred; or recorded if nobody else has it.
    SELECT event.*,
           CASE WHEN receipt.seq IS NULL
                THEN coalesce(
                         nullif((SELECT verdict FROM delivery WHERE delivery.seq = event.seq
                                 ORDER BY id DESC LIMIT 1), 'deferred'),
                         (SELECT 'carried' FROM carried_event
                           WHERE carried_event.seq = event.seq LIMIT 1),
                         (SELECT verdict FROM delivery WHERE delivery.seq = event.seq
                          ORDER BY id DESC LIMIT 1),
                         'recorded')
                WHEN EXISTS (SELECT 1 FROM history JOIN witnessed USING (origin)
                              WHERE history.origin = receipt.origin
                                AND history.size = receipt.tree_size
                                AND witnessed.size > receipt.leaf_index) THEN 'witnessed'
                ELSE 'receipted'
           END AS state
      FROM event LEFT JOIN receipt ON receipt.seq = event.seq;
-- The signed time, and the cards that were revoked.
CREATE TABLE clock (
    -- The newest signed time that the server answered to this device, and what the device's clocks
    -- said when it asked and when the answer was here. One row, replaced as a whole. The anchors that
    -- bound events are events of the chain; this row is for the screen and for validity dates.
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    anchor        BLOB NOT NULL,
    asked_wall_ms INTEGER NOT NULL,
    taken_wall_ms INTEGER NOT NULL,
    taken_mono_ms INTEGER NOT NULL CHECK (taken_mono_ms >= 0),
    taken_boot    BLOB NOT NULL CHECK (length(taken_boot) = 8)
) STRICT;

CREATE TABLE status_list (
    -- The newest list of revoked cards, verified when it was kept: its payload, for a list to which a
    -- change was applied has no signature of its own. One row, never replaced by an older version.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL CHECK (version >= 0),
    bytes    BLOB NOT NULL
) STRICT;

CREATE TRIGGER status_list_never_goes_back BEFORE UPDATE ON status_list WHEN new.version < old.version
BEGIN SELECT RAISE(ABORT, 'a status list never goes back'); END;
-- The life of a device: which devices are revoked, and its own certificates.
CREATE TABLE revoked_device (
    -- The signed list of revoked devices. One row, replaced as a whole, never by an older version.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;

CREATE TABLE old_certificate (
    -- Own certificates that were renewed. Append-only.
    id         INTEGER PRIMARY KEY,
    until_ms   INTEGER NOT NULL,
    bytes      BLOB NOT NULL
) STRICT;

CREATE TRIGGER old_certificate_keeps_no_update BEFORE UPDATE ON old_certificate
BEGIN SELECT RAISE(ABORT, 'a certificate is never changed'); END;
CREATE TRIGGER old_certificate_keeps_no_delete BEFORE DELETE ON old_certificate
BEGIN SELECT RAISE(ABORT, 'a certificate is never deleted'); END;

CREATE TABLE roster_outdated (
    -- One row while the roster is of a certificate with other groups: it is fetched whole then.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1)
) STRICT;
-- TLS: whom the server's certificates come from.
CREATE TABLE server_pin (
    -- The SHA-256 of the certificate of the server's own authority, as the ticket had it. No row: the
    -- server shows a public certificate, or speaks without TLS.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    pin BLOB NOT NULL CHECK (length(pin) = 32)
) STRICT;
