-- Records of the district that somebody prepares and somebody else puts in force.
CREATE TABLE draft (
    -- What was prepared, as the form has it: a JSON object of fields. It stays.
    draft BLOB PRIMARY KEY CHECK (length(draft) = 16),
    at_ms INTEGER NOT NULL,
    account BLOB NOT NULL REFERENCES console_account (account),
    -- What the form is about, as it says itself.
    what TEXT NOT NULL CHECK (length(what) BETWEEN 1 AND 32),
    fields TEXT NOT NULL CHECK (json_valid(fields))
) STRICT;

CREATE TABLE draft_end (
    -- What became of a draft. It stays.
    draft BLOB PRIMARY KEY REFERENCES draft (draft),
    at_ms INTEGER NOT NULL,
    account BLOB NOT NULL REFERENCES console_account (account),
    -- The version of the district that it became; none if it was declined or taken back.
    version INTEGER CHECK (version > 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER draft_no_update BEFORE UPDATE ON draft
BEGIN SELECT RAISE(ABORT, 'drafts stay'); END;
CREATE TRIGGER draft_no_delete BEFORE DELETE ON draft
BEGIN SELECT RAISE(ABORT, 'drafts stay'); END;
CREATE TRIGGER draft_end_no_update BEFORE UPDATE ON draft_end
BEGIN SELECT RAISE(ABORT, 'what became of a draft stays'); END;
CREATE TRIGGER draft_end_no_delete BEFORE DELETE ON draft_end
BEGIN SELECT RAISE(ABORT, 'what became of a draft stays'); END;
