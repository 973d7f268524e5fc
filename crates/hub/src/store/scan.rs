//! What is in the folder after a stop, however the stop came.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use seal::Hash;

use super::{ANSWER, Carried, Index, Kept, PARCEL, Standing, file, read};
use crate::header::Header;

/// Reads every file once, and compares it with its name.
pub(super) fn scan(dir: &Path) -> io::Result<Index> {
    let mut index = Index::default();
    let mut answers = BTreeMap::new();
    for entry in dir.read_dir()? {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let name = path.file_stem().and_then(|stem| stem.to_str()).and_then(Hash::from_hex);
        match (ending, name) {
            // It was not acknowledged: whoever sent it still has it.
            (file::BESIDE, _) => std::fs::remove_file(&path)?,
            (PARCEL, Some(parcel)) => match parcel_of(&path, parcel)? {
                Some(carried) => drop(index.carried.insert(parcel, carried)),
                None => {
                    tracing::warn!(%parcel, "a carried parcel is damaged and was set aside");
                    std::fs::rename(&path, path.with_extension("damaged"))?;
                    index.damaged += 1;
                }
            },
            (ANSWER, Some(parcel)) => {
                if let Some(kept) = read(&path)? {
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
    file::sync_folder(dir)?;
    Ok(index)
}

fn parcel_of(path: &Path, parcel: Hash) -> io::Result<Option<Carried>> {
    let Some(Kept { at_ms, order, bytes }) = read(path)? else { return Ok(None) };
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
