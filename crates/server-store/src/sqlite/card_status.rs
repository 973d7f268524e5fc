//! Places of cards in the status list, decisions about them, and the lists, in SQLite.

use attendance::CardId;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use seal::Hash;

use super::card::logged;
use super::log::hash_at;
use crate::card_status::{CardDecision, StoredStatusList};
use crate::error::StorageError;
use crate::log::LoggedCard;

pub(crate) fn cards_without_index(
    connection: &Connection,
) -> Result<Vec<LoggedCard>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT card, hash, child, leaf_index FROM card
         WHERE NOT EXISTS (SELECT 1 FROM card_index WHERE card_index.card = card.card)
         ORDER BY leaf_index",
    )?;
    let rows = query.query_map([], |row| Ok(logged(row)))?;
    rows.map(|row| row?).collect()
}

pub(crate) fn insert_card_indexes(
    connection: &mut Connection,
    indexes: &[(CardId, u32)],
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (card, index) in indexes {
        tx.prepare_cached("INSERT INTO card_index VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![card.0, index])?;
    }
    Ok(tx.commit()?)
}

pub(crate) fn replaced_undecided(connection: &Connection) -> Result<Vec<CardId>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT card FROM card AS old
         WHERE EXISTS (SELECT 1 FROM card AS newer
                       WHERE newer.child = old.child AND newer.leaf_index > old.leaf_index)
           AND NOT EXISTS (SELECT 1 FROM card_decision WHERE card_decision.card = old.card)
         ORDER BY leaf_index",
    )?;
    let rows = query.query_map([], |row| Ok(CardId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn insert_card_decisions(
    connection: &mut Connection,
    decisions: &[CardDecision],
) -> Result<(), StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for decision in decisions {
        tx.prepare_cached(
            "INSERT INTO card_decision (card, revoked, reason, at_ms) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            decision.card.0,
            decision.revoked,
            decision.reason,
            decision.at_ms
        ])?;
    }
    Ok(tx.commit()?)
}

pub(crate) fn card_decision(
    connection: &Connection,
    card: CardId,
) -> Result<Option<CardDecision>, StorageError> {
    Ok(connection
        .prepare_cached(
            "SELECT revoked, reason, at_ms FROM card_decision WHERE card = ?1
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([card.0], |row| {
            let (revoked, reason, at_ms) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(CardDecision { card, revoked, reason, at_ms })
        })
        .optional()?)
}

pub(crate) fn card_decisions(
    connection: &Connection,
) -> Result<Vec<(Hash, CardDecision)>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT card.hash, card.card, revoked, reason, at_ms
         FROM card_decision JOIN card ON card.card = card_decision.card
         ORDER BY card_decision.id",
    )?;
    let rows = query.query_map([], |row| {
        let (card, revoked, reason) = (CardId(row.get(1)?), row.get(2)?, row.get(3)?);
        Ok((hash_at(row, 0)?, CardDecision { card, revoked, reason, at_ms: row.get(4)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A card is revoked if its newest decision says so.
const REVOKED: &str = "coalesce((SELECT revoked FROM card_decision
     WHERE card_decision.card = card_index.card ORDER BY id DESC LIMIT 1), 0)";

pub(crate) fn same_index_in_force(
    connection: &Connection,
    card: CardId,
) -> Result<Vec<CardId>, StorageError> {
    let sql = format!(
        "SELECT card FROM card_index
         WHERE status_index = (SELECT status_index FROM card_index WHERE card = ?1)
           AND card <> ?1 AND {REVOKED} = 0 ORDER BY card"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let rows = query.query_map([card.0], |row| Ok(CardId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn revoked_indexes(connection: &Connection) -> Result<Vec<u32>, StorageError> {
    // From the decisions, which are few, to the places, which are many.
    let sql = format!(
        "SELECT status_index FROM card_index
         WHERE status_index IN (SELECT status_index FROM card_decision JOIN card_index USING (card))
         GROUP BY status_index HAVING min({REVOKED}) = 1 ORDER BY status_index"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn last_card_index(connection: &Connection) -> Result<Option<u32>, StorageError> {
    Ok(connection.query_row("SELECT max(status_index) FROM card_index", [], |row| row.get(0))?)
}

pub(crate) fn insert_status_list(
    connection: &Connection,
    list: &StoredStatusList,
) -> Result<bool, StorageError> {
    let written = connection
        .prepare_cached(
            "INSERT INTO status_list (version, issued_at_s, bytes) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![list.version, list.issued_at_s, list.bytes])?;
    Ok(written == 1)
}

pub(crate) fn status_list(
    connection: &Connection,
    version: Option<u32>,
) -> Result<Option<StoredStatusList>, StorageError> {
    let read = |row: &Row<'_>| {
        let (version, issued_at_s, bytes) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(StoredStatusList { version, issued_at_s, bytes })
    };
    let found = connection
        .prepare_cached(
            "SELECT version, issued_at_s, bytes FROM status_list
             WHERE ?1 IS NULL OR version = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row([version], read)
        .optional()?;
    Ok(found)
}

pub(crate) fn status_version(connection: &Connection) -> Result<Option<(u32, i64)>, StorageError> {
    Ok(connection
        .prepare_cached(
            "SELECT version, issued_at_s FROM status_list ORDER BY version DESC LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}
