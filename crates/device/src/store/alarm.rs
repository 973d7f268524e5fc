//! Table `alarm`: what was said that does not hold.

use rusqlite::{Connection, params};
use seal::Hash;
use tlog::TwoHistories;

use crate::alarm::{Alarm, AlarmCode};
use crate::store::StoreError;

/// Keeps an alarm; the same words with the same evidence are kept once.
pub(crate) fn keep(db: &Connection, alarm: &Alarm) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO alarm (at_ms, code, detail, subject, evidence)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
             SELECT 1 FROM alarm WHERE code = ?2 AND subject IS ?4 AND evidence = ?5)",
    )?
    .execute(params![
        alarm.at_ms,
        alarm.code.name(),
        alarm.detail,
        alarm.subject.map(|hash| hash.0),
        alarm.evidence,
    ])?;
    Ok(())
}

/// Keeps an alarm, unless one of the same words is kept already, whatever its evidence.
pub(crate) fn keep_first(db: &Connection, alarm: &Alarm) -> Result<(), StoreError> {
    let mut same = db.prepare_cached("SELECT 1 FROM alarm WHERE code = ?1 AND detail = ?2")?;
    if same.exists(params![alarm.code.name(), alarm.detail])? {
        return Ok(());
    }
    keep(db, alarm)
}

/// Tells whether a row read back by column has a code that this release knows.
pub(crate) fn is_known(row: &[rusqlite::types::Value]) -> bool {
    matches!(row.get(1), Some(rusqlite::types::Value::Text(code))
        if AlarmCode::from_name(code).is_some())
}

/// Lists all alarms, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Alarm>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT at_ms, code, detail, subject, evidence FROM alarm ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let code: String = row.get(1)?;
        let subject: Option<[u8; 32]> = row.get(3)?;
        Ok((row.get(0)?, code, row.get(2)?, subject.map(Hash), row.get(4)?))
    })?;
    rows.map(|row| {
        let (at_ms, code, detail, subject, evidence) = row?;
        let code = AlarmCode::from_name(&code).ok_or(StoreError::Value("an alarm's code"))?;
        Ok(Alarm { at_ms, code, detail, subject, evidence })
    })
    .collect()
}

/// Lists the signed checkpoints that contradict another one, oldest alarm first. Until the second
/// release the evidence of two roots was the second note.
pub(crate) fn contradicting(db: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT evidence FROM alarm WHERE code IN (?1, ?2) ORDER BY id")?;
    let codes = [AlarmCode::TwoRoots.name(), AlarmCode::TwoHistories.name()];
    let rows = statement.query_map(codes, |row| row.get::<_, Vec<u8>>(0))?;
    let mut notes = Vec::new();
    for evidence in rows {
        let evidence = evidence?;
        match TwoHistories::from_bytes(&evidence) {
            Ok(two) => notes.extend(two.unverified_notes().map(str::to_owned)),
            Err(_) => notes.extend(String::from_utf8(evidence).ok()),
        }
    }
    Ok(notes)
}
