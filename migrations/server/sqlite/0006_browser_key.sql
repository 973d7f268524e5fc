-- Keys that browsers made for people of the console.
CREATE TABLE console_key (
    -- A browser's key and whose it is. The key is a device like any other; its private half is nowhere here.
    device BLOB PRIMARY KEY REFERENCES device (device) CHECK (length(device) = 8),
    account BLOB NOT NULL REFERENCES console_account (account),
    made_ms INTEGER NOT NULL,
    -- Since when it was given up, or its account revoked: what it signs from then on is put aside.
    ended_ms INTEGER
) STRICT, WITHOUT ROWID;

-- One person has one key at a time: two of them would be two persons to whoever counts devices.
CREATE UNIQUE INDEX console_key_in_force ON console_key (account) WHERE ended_ms IS NULL;

CREATE TRIGGER console_key_no_delete BEFORE DELETE ON console_key
BEGIN SELECT RAISE(ABORT, 'a key stays'); END;
CREATE TRIGGER console_key_no_way_back BEFORE UPDATE ON console_key
WHEN old.ended_ms IS NOT NULL OR new.device <> old.device OR new.account <> old.account
BEGIN SELECT RAISE(ABORT, 'a key goes forward only, and stays whose it is'); END;
