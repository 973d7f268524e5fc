-- What a device keeps to sync in its full form.

-- TLS: whom the server's certificates come from.
CREATE TABLE server_pin (
    -- The SHA-256 of the certificate of the server's own authority, as the ticket had it. No row: the
    -- server shows a public certificate, or speaks without TLS.
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    pin BLOB NOT NULL CHECK (length(pin) = 32)
) STRICT;
