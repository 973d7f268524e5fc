//! The tables `console_…`.

use attendance::{Duty, ProviderId};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use seal::Hash;

use crate::console::{
    AccountId, ConsoleAct, Office, Revoked, StoredAccount, StoredLink, StoredPasskey, StoredSession,
};
use crate::error::StorageError;

const ACCOUNT: &str = "name, duty, provider, account.account, made_ms, revoked_ms,
    (SELECT count(*) FROM console_passkey AS one WHERE one.account = account.account),
    (SELECT count(*) FROM console_recovery AS one
      WHERE one.account = account.account AND used_ms IS NULL)";

fn office(row: &Row<'_>) -> rusqlite::Result<Office> {
    let duty: String = row.get(1)?;
    let unknown =
        || rusqlite::Error::InvalidColumnType(1, duty.clone(), rusqlite::types::Type::Text);
    Ok(Office {
        name: row.get(0)?,
        duty: Duty::named(&duty).ok_or_else(unknown)?,
        provider: row.get::<_, Option<[u8; 8]>>(2)?.map(ProviderId),
    })
}

fn account(row: &Row<'_>) -> rusqlite::Result<StoredAccount> {
    Ok(StoredAccount {
        office: office(row)?,
        account: AccountId(row.get(3)?),
        made_ms: row.get(4)?,
        revoked_ms: row.get(5)?,
        passkeys: row.get(6)?,
        codes_left: row.get(7)?,
    })
}

pub(crate) fn has_accounts(connection: &Connection) -> Result<bool, StorageError> {
    Ok(connection.prepare_cached("SELECT 1 FROM console_account")?.exists([])?)
}

pub(crate) fn put_link(
    connection: &mut Connection,
    link: &StoredLink,
    at_ms: i64,
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if link.made_by.is_none() {
        tx.execute("DELETE FROM console_link WHERE made_by IS NULL AND used_by IS NULL", [])?;
    }
    tx.execute("DELETE FROM console_link WHERE used_by IS NULL AND until_ms <= ?1", [at_ms])?;
    let by = link.made_by.map(|by| by.0);
    tx.execute(
        "INSERT INTO console_link (secret_hash, name, duty, provider, made_by, until_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            link.secret_hash.0,
            link.office.name,
            link.office.duty.name(),
            link.office.provider.map(|provider| provider.0),
            by,
            link.until_ms
        ],
    )?;
    act(&tx, at_ms, link.made_by, "link_made", &link.office.name)?;
    Ok(tx.commit()?)
}

pub(crate) fn link(
    connection: &Connection,
    secret_hash: Hash,
    at_ms: i64,
) -> Result<Option<StoredLink>, StorageError> {
    // Whoever made it may have been revoked since; what is theirs goes with them.
    let mut query = connection.prepare_cached(
        "SELECT link.name, link.duty, link.provider, made_by, until_ms
           FROM console_link AS link LEFT JOIN console_account AS maker ON account = made_by
          WHERE secret_hash = ?1 AND used_by IS NULL AND until_ms > ?2 AND revoked_ms IS NULL",
    )?;
    let found = query.query_row(params![secret_hash.0, at_ms], |row| {
        Ok(StoredLink {
            secret_hash,
            office: office(row)?,
            made_by: row.get::<_, Option<_>>(3)?.map(AccountId),
            until_ms: row.get(4)?,
        })
    });
    Ok(found.optional()?)
}

pub(crate) fn use_link(
    connection: &mut Connection,
    secret_hash: Hash,
    passkey: &StoredPasskey,
    codes: &[Hash],
    at_ms: i64,
) -> Result<bool, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let Some(StoredLink { office, .. }) = link(&tx, secret_hash, at_ms)? else { return Ok(false) };
    let (account, provider) = (passkey.account, office.provider.map(|provider| provider.0));
    tx.execute(
        "INSERT INTO console_account (account, name, duty, provider, made_ms)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![account.0, office.name, office.duty.name(), provider, at_ms],
    )?;
    insert_passkey(&tx, passkey, at_ms)?;
    insert_codes(&tx, account, codes)?;
    tx.execute(
        "UPDATE console_link SET used_by = ?2 WHERE secret_hash = ?1",
        params![secret_hash.0, account.0],
    )?;
    act(&tx, at_ms, Some(account), "link_used", &office.name)?;
    tx.commit()?;
    Ok(true)
}

pub(crate) fn accounts(connection: &Connection) -> Result<Vec<StoredAccount>, StorageError> {
    let sql = format!("SELECT {ACCOUNT} FROM console_account AS account ORDER BY made_ms, account");
    let mut query = connection.prepare_cached(&sql)?;
    let rows = query.query_map([], account)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn revoke_account(
    connection: &mut Connection,
    account: AccountId,
    by: AccountId,
    at_ms: i64,
) -> Result<Revoked, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let others = "SELECT 1 FROM console_account
        WHERE duty = 'issuer_head' AND revoked_ms IS NULL AND account <> ?1";
    if !tx.prepare_cached(others)?.exists([account.0])? {
        return Ok(Revoked::LastHead);
    }
    let changed = tx.execute(
        "UPDATE console_account SET revoked_ms = ?2 WHERE account = ?1 AND revoked_ms IS NULL",
        params![account.0, at_ms],
    )?;
    if changed == 0 {
        return Ok(Revoked::NotThere);
    }
    tx.execute("DELETE FROM console_session WHERE account = ?1", [account.0])?;
    super::console_key::end_keys(&tx, account, at_ms)?;
    act(&tx, at_ms, Some(by), "account_revoked", &account.to_string())?;
    tx.commit()?;
    Ok(Revoked::Done)
}

pub(crate) fn passkey(
    connection: &Connection,
    credential: &[u8],
) -> Result<Option<StoredPasskey>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT account, passkey FROM console_passkey JOIN console_account USING (account)
          WHERE credential = ?1 AND revoked_ms IS NULL",
    )?;
    let found = query.query_row([credential], |row| {
        let (account, passkey) = (AccountId(row.get(0)?), row.get(1)?);
        Ok(StoredPasskey { credential: credential.to_vec(), account, passkey })
    });
    Ok(found.optional()?)
}

pub(crate) fn credentials(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<Vec<u8>>, StorageError> {
    let sql = "SELECT credential FROM console_passkey WHERE account = ?1";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map([account.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn add_passkey(
    connection: &mut Connection,
    passkey: &StoredPasskey,
    at_ms: i64,
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    insert_passkey(&tx, passkey, at_ms)?;
    act(&tx, at_ms, Some(passkey.account), "passkey_added", "")?;
    Ok(tx.commit()?)
}

fn insert_passkey(
    connection: &Connection,
    passkey: &StoredPasskey,
    at_ms: i64,
) -> Result<(), StorageError> {
    connection.execute(
        "INSERT INTO console_passkey (credential, account, passkey, made_ms)
         VALUES (?1, ?2, ?3, ?4)",
        params![passkey.credential, passkey.account.0, passkey.passkey, at_ms],
    )?;
    Ok(())
}

pub(crate) fn used_passkey(
    connection: &mut Connection,
    passkey: &StoredPasskey,
    at_ms: i64,
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute(
        "UPDATE console_passkey SET passkey = ?2, used_ms = ?3 WHERE credential = ?1",
        params![passkey.credential, passkey.passkey, at_ms],
    )?;
    act(&tx, at_ms, Some(passkey.account), "signed_in", "passkey")?;
    Ok(tx.commit()?)
}

pub(crate) fn use_code(
    connection: &mut Connection,
    code_hash: Hash,
    at_ms: i64,
) -> Result<Option<AccountId>, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let sql = "UPDATE console_recovery SET used_ms = ?2
        WHERE code_hash = ?1 AND used_ms IS NULL AND (SELECT revoked_ms FROM console_account
            WHERE console_account.account = console_recovery.account) IS NULL
        RETURNING account";
    let used = tx.query_row(sql, params![code_hash.0, at_ms], |row| row.get(0).map(AccountId));
    let used = used.optional()?;
    if used.is_some() {
        act(&tx, at_ms, used, "signed_in", "recovery code")?;
    }
    tx.commit()?;
    Ok(used)
}

pub(crate) fn replace_codes(
    connection: &mut Connection,
    account: AccountId,
    codes: &[Hash],
    at_ms: i64,
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute("DELETE FROM console_recovery WHERE account = ?1", [account.0])?;
    insert_codes(&tx, account, codes)?;
    act(&tx, at_ms, Some(account), "codes_replaced", "")?;
    Ok(tx.commit()?)
}

fn insert_codes(
    connection: &Connection,
    account: AccountId,
    codes: &[Hash],
) -> Result<(), StorageError> {
    let sql = "INSERT INTO console_recovery (code_hash, account) VALUES (?1, ?2)";
    let mut insert = connection.prepare_cached(sql)?;
    for code in codes {
        insert.execute(params![code.0, account.0])?;
    }
    Ok(())
}

pub(crate) fn begin_session(
    connection: &mut Connection,
    token_hash: Hash,
    account: AccountId,
    at_ms: i64,
    stale_ms: i64,
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute("DELETE FROM console_session WHERE begun_ms < ?1", [stale_ms])?;
    tx.execute(
        "INSERT INTO console_session (token_hash, account, begun_ms, seen_ms)
         SELECT ?1, account, ?3, ?3 FROM console_account
          WHERE account = ?2 AND revoked_ms IS NULL",
        params![token_hash.0, account.0, at_ms],
    )?;
    Ok(tx.commit()?)
}

pub(crate) fn session(
    connection: &Connection,
    token_hash: Hash,
) -> Result<Option<StoredSession>, StorageError> {
    let sql = format!(
        "SELECT {ACCOUNT}, begun_ms, seen_ms FROM console_session AS session
           JOIN console_account AS account ON account.account = session.account
          WHERE token_hash = ?1 AND revoked_ms IS NULL"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_row([token_hash.0], |row| {
        Ok(StoredSession { account: account(row)?, begun_ms: row.get(8)?, seen_ms: row.get(9)? })
    });
    Ok(found.optional()?)
}

pub(crate) fn touch_session(
    connection: &Connection,
    token_hash: Hash,
    at_ms: i64,
) -> Result<(), StorageError> {
    // A clock that was set back moves nothing.
    let sql = "UPDATE console_session SET seen_ms = max(seen_ms, ?2) WHERE token_hash = ?1";
    connection.prepare_cached(sql)?.execute(params![token_hash.0, at_ms])?;
    Ok(())
}

pub(crate) fn end_session(connection: &Connection, token_hash: Hash) -> Result<(), StorageError> {
    connection.execute("DELETE FROM console_session WHERE token_hash = ?1", [token_hash.0])?;
    Ok(())
}

pub(crate) fn put_console_act(
    connection: &Connection,
    one: &ConsoleAct,
) -> Result<(), StorageError> {
    act(connection, one.at_ms, one.account, &one.what, &one.about)
}

pub(crate) fn console_acts(
    connection: &Connection,
    limit: u32,
) -> Result<Vec<ConsoleAct>, StorageError> {
    let sql = "SELECT at_ms, account, what, about FROM console_act ORDER BY number DESC LIMIT ?1";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map([limit], |row| {
        let account = row.get::<_, Option<_>>(1)?.map(AccountId);
        Ok(ConsoleAct { at_ms: row.get(0)?, account, what: row.get(2)?, about: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn act(
    connection: &Connection,
    at_ms: i64,
    account: Option<AccountId>,
    what: &str,
    about: &str,
) -> Result<(), StorageError> {
    let sql = "INSERT INTO console_act (at_ms, account, what, about) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![
        at_ms,
        account.map(|account| account.0),
        what,
        about
    ])?;
    Ok(())
}
