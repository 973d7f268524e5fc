-- What a device keeps to sync in its full form.

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
