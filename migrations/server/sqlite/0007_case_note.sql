-- Notes about cases.
CREATE TABLE case_note (
    -- What somebody in the console wrote about a signal of a month. It stays.
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    account BLOB NOT NULL REFERENCES console_account (account),
    month INTEGER NOT NULL CHECK (month BETWEEN 200001 AND 219912),
    -- The signal's name, as `qatysu signals` has it.
    signal TEXT NOT NULL CHECK (length(signal) BETWEEN 1 AND 64),
    note TEXT NOT NULL CHECK (length(note) BETWEEN 1 AND 500)
) STRICT;

CREATE INDEX case_note_month ON case_note (month);

CREATE TRIGGER case_note_no_update BEFORE UPDATE ON case_note
BEGIN SELECT RAISE(ABORT, 'notes stay'); END;
CREATE TRIGGER case_note_no_delete BEFORE DELETE ON case_note
BEGIN SELECT RAISE(ABORT, 'notes stay'); END;
