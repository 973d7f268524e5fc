-- People who sign in to the console: accounts, passkeys, links, recovery codes, sessions, and what they did.
CREATE TABLE console_account (
    -- Somebody who may sign in to the console, once a link of theirs is used. It is never deleted.
    account BLOB PRIMARY KEY CHECK (length(account) = 16),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The column of the permission table.
    duty TEXT NOT NULL CHECK (duty IN ('provider_admin', 'coordinator', 'issuer_specialist',
        'issuer_head', 'commission', 'treasury')),
    -- Whose administrator it is.
    provider BLOB CHECK (length(provider) = 8),
    made_ms INTEGER NOT NULL,
    -- Since when it may no more.
    revoked_ms INTEGER,
    CHECK ((duty = 'provider_admin') = (provider IS NOT NULL))
) STRICT;

CREATE TRIGGER console_account_no_delete BEFORE DELETE ON console_account
BEGIN SELECT RAISE(ABORT, 'an account stays'); END;
CREATE TRIGGER console_account_no_way_back BEFORE UPDATE ON console_account
WHEN old.revoked_ms IS NOT NULL OR new.account <> old.account OR new.duty <> old.duty
    OR new.provider IS NOT old.provider
BEGIN SELECT RAISE(ABORT, 'an account goes forward only, and keeps its duty'); END;

CREATE TABLE console_link (
    -- A link that lets one person register a passkey, once. Its secret is not here.
    secret_hash BLOB PRIMARY KEY CHECK (length(secret_hash) = 32),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    duty TEXT NOT NULL,
    provider BLOB CHECK (length(provider) = 8),
    -- Who made it; null if it was the operator.
    made_by BLOB REFERENCES console_account (account),
    until_ms INTEGER NOT NULL,
    -- Which account came of it.
    used_by BLOB REFERENCES console_account (account)
) STRICT, WITHOUT ROWID;

CREATE TABLE console_passkey (
    -- A passkey: the public half, and how often it was used.
    credential BLOB PRIMARY KEY CHECK (length(credential) BETWEEN 1 AND 1023),
    account BLOB NOT NULL REFERENCES console_account (account),
    -- As the library writes it, JSON.
    passkey TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX console_passkey_of_account ON console_passkey (account);

CREATE TABLE console_recovery (
    -- A code that signs in once. The code is not here.
    code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32),
    account BLOB NOT NULL REFERENCES console_account (account),
    used_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX console_recovery_of_account ON console_recovery (account);

CREATE TABLE console_session (
    -- Somebody who is signed in. The token is not here.
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    account BLOB NOT NULL REFERENCES console_account (account),
    begun_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL CHECK (seen_ms >= begun_ms)
) STRICT, WITHOUT ROWID;

CREATE INDEX console_session_of_account ON console_session (account);

CREATE TABLE console_act (
    -- What somebody did in the console: signed in, made a link, revoked an account. Append-only.
    number INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    -- Null if it was the operator.
    account BLOB REFERENCES console_account (account),
    what TEXT NOT NULL,
    -- Whom or what it was done to.
    about TEXT NOT NULL
) STRICT;

CREATE TRIGGER console_act_no_update BEFORE UPDATE ON console_act
BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER console_act_no_delete BEFORE DELETE ON console_act
BEGIN SELECT RAISE(ABORT, 'append-only'); END;

-- Who of the console saw a child; null if it was a device or the operator.
ALTER TABLE view_log ADD COLUMN account BLOB CHECK (length(account) = 16);
CREATE INDEX view_by_account ON view_log (account, number);
