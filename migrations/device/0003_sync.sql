-- What a device keeps to sync in its full form.
-- What a damaged file gave back, and whether it is certain where the chain stands.

CREATE TABLE salvage (
    -- What was saved from a damaged file, each time that it happened. Append-only.
    id       INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    -- The name of the damaged file, which is kept beside this one.
    kept_as  TEXT NOT NULL,
    events   INTEGER NOT NULL CHECK (events >= 0),
    receipts INTEGER NOT NULL CHECK (receipts >= 0),
    -- Which events were not readable, as ranges of positions: '3-5,9'. What came after the last
    -- readable one is not named: nobody knows.
    missing  TEXT NOT NULL,
    enrolled INTEGER NOT NULL CHECK (enrolled IN (0, 1))
) STRICT;

CREATE TRIGGER salvage_keeps_no_update BEFORE UPDATE ON salvage
BEGIN SELECT RAISE(ABORT, 'a report is never changed'); END;
CREATE TRIGGER salvage_keeps_no_delete BEFORE DELETE ON salvage
BEGIN SELECT RAISE(ABORT, 'a report is never deleted'); END;

CREATE TABLE head_doubt (
    -- Reasons to doubt where the chain stands, and their end, in turn: while the newest row is a
    -- doubt, no event is signed, since one position must never be signed twice. Append-only.
    id    INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    -- 'damaged': the end of the chain may be lost. 'behind': the server has more of it than this
    -- device. 'settled': the server's word and this chain agree again.
    why   TEXT NOT NULL CHECK (why IN ('damaged', 'behind', 'settled'))
) STRICT;

CREATE TRIGGER head_doubt_keeps_no_update BEFORE UPDATE ON head_doubt
BEGIN SELECT RAISE(ABORT, 'a doubt is never changed'); END;
CREATE TRIGGER head_doubt_keeps_no_delete BEFORE DELETE ON head_doubt
BEGIN SELECT RAISE(ABORT, 'a doubt is never deleted'); END;
