//! Cards of the log in SQLite.

use attendance::{CardId, ChildId};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::log::{hash_at, signed, unsigned};
use crate::error::StorageError;
use crate::log::{LoggedCard, NewCard};

/// Keeps where cards stand whose leaves begin at `at`; each becomes its child's current card.
pub(super) fn insert_cards(
    tx: &Transaction<'_>,
    at: u64,
    cards: &[NewCard],
) -> Result<(), StorageError> {
    for new in cards {
        let leaf = at.saturating_add(new.leaf as u64);
        tx.prepare_cached(
            "INSERT INTO card (card, hash, child, leaf_index) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![new.card.0, new.hash.0, new.child.0, signed(leaf)])?;
        tx.prepare_cached("UPDATE child SET card = ?2 WHERE child = ?1")?
            .execute(params![new.child.0, new.card.0])?;
    }
    Ok(())
}

/// Keeps where cards of a log stand that was lost; the newest of each child is its current one.
pub(super) fn insert_restored(
    tx: &Transaction<'_>,
    cards: &[LoggedCard],
) -> Result<(), StorageError> {
    for logged in cards {
        tx.prepare_cached(
            "INSERT INTO card (card, hash, child, leaf_index) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            logged.card.0,
            logged.hash.0,
            logged.child.0,
            signed(logged.leaf_index)
        ])?;
        tx.prepare_cached(
            "UPDATE child SET card =
                 (SELECT card FROM card WHERE child = ?1 ORDER BY leaf_index DESC LIMIT 1)
             WHERE child = ?1",
        )?
        .execute([logged.child.0])?;
    }
    Ok(())
}

pub(crate) fn card(
    connection: &Connection,
    card: CardId,
) -> Result<Option<LoggedCard>, StorageError> {
    let found = connection
        .prepare_cached("SELECT card, hash, child, leaf_index FROM card WHERE card = ?1")?
        .query_row([card.0], |row| Ok(logged(row)))
        .optional()?;
    found.transpose()
}

pub(crate) fn last_card(connection: &Connection) -> Result<Option<u64>, StorageError> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(leaf_index) FROM card")?
        .query_row([], |row| row.get(0))?;
    last.map(unsigned).transpose()
}

pub(crate) fn current_cards(connection: &Connection) -> Result<Vec<LoggedCard>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT card.card, card.hash, card.child, card.leaf_index
         FROM child JOIN card ON card.card = child.card AND card.child = child.child
         ORDER BY child.child",
    )?;
    let rows = query.query_map([], |row| Ok(logged(row)))?;
    rows.map(|row| row?).collect()
}

pub(super) fn logged(row: &Row<'_>) -> Result<LoggedCard, StorageError> {
    Ok(LoggedCard {
        card: CardId(row.get(0)?),
        hash: hash_at(row, 1)?,
        child: ChildId(row.get(2)?),
        leaf_index: unsigned(row.get(3)?)?,
    })
}
