//! What is in the folder after a stop, however the stop came.

use std::collections::BTreeMap;
use std::io;

use seal::Hash;

use super::{ANSWER, Carried, Folder, Index, Kept, PARCEL, Standing, file, read};
use crate::header::Header;

/// Reads every file once, and compares it with its name.
pub(super) fn scan(folder: &dyn Folder) -> io::Result<Index> {
    let mut index = Index::default();
    let mut answers = BTreeMap::new();
    for file in folder.names()? {
        let (stem, ending) = file.split_once('.').unwrap_or((&file, ""));
        let name = Hash::from_hex(stem);
        match (ending, name) {
            // It was not acknowledged: whoever sent it still has it.
            (file::BESIDE, _) => folder.remove(&file)?,
            (PARCEL, Some(parcel)) => match parcel_of(folder, &file, parcel)? {
                Some(carried) => drop(index.carried.insert(parcel, carried)),
                None => {
                    tracing::warn!(%parcel, "a carried parcel is damaged and was set aside");
                    folder.rename(&file, &file::with_ending(&file, "damaged"))?;
                    index.damaged += 1;
                }
            },
            (ANSWER, Some(parcel)) => {
                if let Some(kept) = read(folder, &file)? {
                    answers.insert(parcel, (kept.at_ms, kept.bytes.len() as u64));
                }
            }
            ("damaged", _) => index.damaged += 1,
            (_, _) => {}
        }
    }
    for (parcel, (at_ms, answer_bytes)) in answers {
        let standing = Standing::Answered { at_ms };
        let (header, since_ms, order, bytes) = (None, at_ms, 0, 0);
        let waits = Standing::Waiting;
        let alone =
            Carried { parcel, header, since_ms, standing: waits, order, bytes, answer_bytes };
        let carried = index.carried.entry(parcel).or_insert(alone);
        (carried.standing, carried.answer_bytes) = (standing, answer_bytes);
    }
    folder.sync_names()?;
    Ok(index)
}

fn parcel_of(folder: &dyn Folder, name: &str, parcel: Hash) -> io::Result<Option<Carried>> {
    let Some(Kept { at_ms, order, bytes }) = read(folder, name)? else { return Ok(None) };
    if seal::sha256(&bytes) != parcel {
        return Ok(None);
    }
    Ok(Header::read(&bytes).ok().map(|header| Carried {
        parcel,
        header: Some(header),
        since_ms: at_ms,
        standing: Standing::Waiting,
        order,
        bytes: bytes.len() as u64,
        answer_bytes: 0,
    }))
}
