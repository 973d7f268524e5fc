-- Who saw which child, when and why.

CREATE TABLE view_log (
    -- An answer of the server that names a child, a row for each child, written before the answer goes.
    -- No name is in it. Append-only; rows of five years ago may go.
    number  INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    -- Who asked; null if it was the operator.
    device  BLOB CHECK (length(device) = 8),
    role    TEXT NOT NULL,
    -- Null if the answer was about every child of the district: a month's statement, registry, bundle.
    child   BLOB CHECK (length(child) = 12),
    -- What was answered, and by which permission.
    what    TEXT NOT NULL,
    why     TEXT NOT NULL,
    -- The request's name in the server's log.
    request TEXT NOT NULL
) STRICT;

CREATE INDEX view_of_child ON view_log (child, number);
CREATE INDEX view_by_device ON view_log (device, number);

CREATE TRIGGER view_log_no_update BEFORE UPDATE ON view_log
BEGIN SELECT RAISE(ABORT, 'a view stays as it was'); END;
-- The newest row is the clock: five years are 1826 days.
CREATE TRIGGER view_log_no_delete BEFORE DELETE ON view_log
WHEN old.at_ms > (SELECT at_ms FROM view_log ORDER BY number DESC LIMIT 1) - 1826 * 86400000
BEGIN SELECT RAISE(ABORT, 'a view stays for five years'); END;
