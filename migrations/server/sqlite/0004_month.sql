-- A voucher's month may have a line for each place (provider and first day), and later months may
-- correct it. The sums of a voucher's places are its part, checked when the month's sums are written.
ALTER TABLE redemption RENAME TO redemption_of_one_place;
ALTER TABLE ledger_entry RENAME TO ledger_entry_of_one_place;

CREATE TABLE ledger_entry (
    -- One place of a voucher's month: plan = accrued + held + released, checked on every write.
    month INTEGER NOT NULL REFERENCES tranche (month),
    voucher BLOB NOT NULL CHECK (length(voucher) = 8),
    provider BLOB NOT NULL CHECK (length(provider) = 8),
    -- The place's first day, year * 10000 + month * 100 + day; 0 if the voucher has one place.
    segment INTEGER NOT NULL DEFAULT 0,
    -- What the whole voucher's part of the month is: the plans of its places sum to it.
    part_tiyn INTEGER NOT NULL CHECK (part_tiyn >= 0),
    plan_tiyn INTEGER NOT NULL CHECK (plan_tiyn >= 0),
    accrued_tiyn INTEGER NOT NULL CHECK (accrued_tiyn >= 0),
    held_tiyn INTEGER NOT NULL CHECK (held_tiyn >= 0),
    released_tiyn INTEGER NOT NULL CHECK (released_tiyn >= 0),
    PRIMARY KEY (month, voucher, provider, segment),
    CHECK (plan_tiyn = accrued_tiyn + held_tiyn + released_tiyn)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_balance (
    -- The sums of a closed month. With it the month's entries are complete.
    month INTEGER PRIMARY KEY REFERENCES tranche (month),
    plan_tiyn INTEGER NOT NULL,
    accrued_tiyn INTEGER NOT NULL,
    held_tiyn INTEGER NOT NULL,
    released_tiyn INTEGER NOT NULL,
    CHECK (plan_tiyn = accrued_tiyn + held_tiyn + released_tiyn)
) STRICT;

CREATE TABLE ledger_correction (
    -- Money of a closed month's entry that a later month's tranche moves. Moves nothing in sum.
    month INTEGER NOT NULL REFERENCES tranche (month),
    of_month INTEGER NOT NULL,
    voucher BLOB NOT NULL CHECK (length(voucher) = 8),
    provider BLOB NOT NULL CHECK (length(provider) = 8),
    segment INTEGER NOT NULL DEFAULT 0,
    accrued_tiyn INTEGER NOT NULL,
    held_tiyn INTEGER NOT NULL,
    released_tiyn INTEGER NOT NULL,
    -- The leaf that decided it: it moves an entry once.
    leaf INTEGER NOT NULL,
    PRIMARY KEY (leaf, of_month, voucher, provider, segment),
    CHECK (accrued_tiyn + held_tiyn + released_tiyn = 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE redemption (
    -- A place of a voucher's month that the Treasury paid: once.
    voucher BLOB NOT NULL CHECK (length(voucher) = 8),
    month INTEGER NOT NULL,
    provider BLOB NOT NULL CHECK (length(provider) = 8),
    segment INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL,
    notice_leaf INTEGER NOT NULL REFERENCES leaf (leaf_index),
    UNIQUE (voucher, month, provider, segment),
    FOREIGN KEY (month, voucher, provider, segment)
        REFERENCES ledger_entry (month, voucher, provider, segment)
) STRICT;

CREATE TABLE settlement (
    -- A provider's month that was paid, corrections of closed months with it: once.
    month INTEGER NOT NULL REFERENCES tranche (month),
    provider BLOB NOT NULL CHECK (length(provider) = 8),
    document TEXT NOT NULL,
    notice_leaf INTEGER NOT NULL REFERENCES leaf (leaf_index),
    PRIMARY KEY (month, provider)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_entry
SELECT month, voucher, provider, 0, plan_tiyn, plan_tiyn, accrued_tiyn, held_tiyn, released_tiyn
  FROM ledger_entry_of_one_place;

INSERT INTO redemption
SELECT paid.voucher, paid.month, entry.provider, 0, paid.document, paid.notice_leaf
  FROM redemption_of_one_place AS paid
  JOIN ledger_entry_of_one_place AS entry
    ON entry.month = paid.month AND entry.voucher = paid.voucher;

INSERT INTO settlement
SELECT month, provider, min(document), min(notice_leaf) FROM redemption GROUP BY month, provider;

DROP TABLE redemption_of_one_place;
DROP TABLE ledger_entry_of_one_place;

INSERT INTO ledger_balance
SELECT tranche.month, coalesce(sum(plan_tiyn), 0), coalesce(sum(accrued_tiyn), 0),
       coalesce(sum(held_tiyn), 0), coalesce(sum(released_tiyn), 0)
  FROM tranche LEFT JOIN ledger_entry ON ledger_entry.month = tranche.month
 GROUP BY tranche.month;

CREATE TRIGGER ledger_balance_is_the_sum BEFORE INSERT ON ledger_balance BEGIN
    SELECT RAISE(ABORT, 'the places of a voucher do not sum to its part')
     WHERE EXISTS (
        SELECT 1 FROM ledger_entry WHERE month = NEW.month GROUP BY voucher
        HAVING sum(plan_tiyn) <> max(part_tiyn) OR min(part_tiyn) <> max(part_tiyn)
            OR sum(accrued_tiyn + held_tiyn + released_tiyn) <> max(part_tiyn));
    SELECT RAISE(ABORT, 'the sums of a month are not those of its entries')
     WHERE (NEW.plan_tiyn, NEW.accrued_tiyn, NEW.held_tiyn, NEW.released_tiyn) IS NOT (
        SELECT coalesce(sum(plan_tiyn), 0), coalesce(sum(accrued_tiyn), 0),
               coalesce(sum(held_tiyn), 0), coalesce(sum(released_tiyn), 0)
          FROM ledger_entry WHERE month = NEW.month);
END;
CREATE TRIGGER ledger_entry_of_an_open_month BEFORE INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_balance WHERE month = NEW.month) BEGIN
    SELECT RAISE(ABORT, 'a closed month stays');
END;
-- What is corrected stays between nothing and its plan: no entry is ever paid twice.
CREATE TRIGGER ledger_correction_stays_in_its_plan AFTER INSERT ON ledger_correction BEGIN
    SELECT RAISE(ABORT, 'a correction moves more than there is')
     WHERE EXISTS (
        SELECT 1 FROM ledger_entry AS entry
          JOIN (SELECT sum(accrued_tiyn) AS a, sum(held_tiyn) AS h, sum(released_tiyn) AS w
                  FROM ledger_correction
                 WHERE of_month = NEW.of_month AND voucher = NEW.voucher
                   AND provider = NEW.provider AND segment = NEW.segment) AS moved
         WHERE entry.month = NEW.of_month AND entry.voucher = NEW.voucher
           AND entry.provider = NEW.provider AND entry.segment = NEW.segment
           AND (entry.accrued_tiyn + a < 0 OR entry.held_tiyn + h < 0
                OR entry.released_tiyn + w < 0));
END;

CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'corrections are made forward'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'corrections are made forward'); END;
CREATE TRIGGER ledger_balance_no_update BEFORE UPDATE ON ledger_balance BEGIN SELECT RAISE(ABORT, 'a closed month stays'); END;
CREATE TRIGGER ledger_balance_no_delete BEFORE DELETE ON ledger_balance BEGIN SELECT RAISE(ABORT, 'a closed month stays'); END;
CREATE TRIGGER ledger_correction_no_update BEFORE UPDATE ON ledger_correction BEGIN SELECT RAISE(ABORT, 'corrections are made forward'); END;
CREATE TRIGGER ledger_correction_no_delete BEFORE DELETE ON ledger_correction BEGIN SELECT RAISE(ABORT, 'corrections are made forward'); END;
CREATE TRIGGER redemption_no_update BEFORE UPDATE ON redemption BEGIN SELECT RAISE(ABORT, 'a payment stays'); END;
CREATE TRIGGER redemption_no_delete BEFORE DELETE ON redemption BEGIN SELECT RAISE(ABORT, 'a payment stays'); END;
CREATE TRIGGER settlement_no_update BEFORE UPDATE ON settlement BEGIN SELECT RAISE(ABORT, 'a payment stays'); END;
CREATE TRIGGER settlement_no_delete BEFORE DELETE ON settlement BEGIN SELECT RAISE(ABORT, 'a payment stays'); END;

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
