//! Tables `enrolment` and `server_pin`: one row, replaced as a whole.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::store::StoreError;

/// The row as it is kept.
pub(crate) struct EnrolmentRow {
    pub(crate) server: String,
    pub(crate) origin: String,
    pub(crate) roots: Vec<u8>,
    pub(crate) trust_list: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
    pub(crate) pin: Option<Hash>,
}

pub(crate) fn read(db: &Connection) -> Result<Option<EnrolmentRow>, StoreError> {
    Ok(db
        .query_row(
            "SELECT server, origin, roots, trust_list, certificate,
                 (SELECT pin FROM server_pin) FROM enrolment",
            [],
            |row| {
                Ok(EnrolmentRow {
                    server: row.get(0)?,
                    origin: row.get(1)?,
                    roots: row.get(2)?,
                    trust_list: row.get(3)?,
                    certificate: row.get(4)?,
                    pin: row.get::<_, Option<[u8; 32]>>(5)?.map(Hash),
                })
            },
        )
        .optional()?)
}

pub(crate) fn replace(
    db: &Connection,
    row: &EnrolmentRow,
    trust_version: u32,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR REPLACE INTO enrolment
             (only_row, server, origin, roots, trust_list, trust_version, certificate)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![row.server, row.origin, row.roots, row.trust_list, trust_version, row.certificate],
    )?;
    db.execute("DELETE FROM server_pin", [])?;
    if let Some(pin) = row.pin {
        db.execute("INSERT INTO server_pin (only_row, pin) VALUES (1, ?1)", [pin.0])?;
    }
    Ok(())
}

pub(crate) fn replace_trust_list(
    db: &Connection,
    trust_list: &[u8],
    version: u32,
) -> Result<(), StoreError> {
    db.execute(
        "UPDATE enrolment SET trust_list = ?1, trust_version = ?2",
        params![trust_list, version],
    )?;
    Ok(())
}
