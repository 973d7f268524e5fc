-- What a device keeps to sync in its full form.

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
