//! Looking at SQLite's write-ahead log before SQLite does: where it breaks off, SQLite silently takes
//! what was before, and an older chain would go on.

use std::path::Path;

use crate::store::access::beside;

/// Tells whether a write-ahead log ends where it was written to. A commit is brought to the disk before
/// the next one is begun, so whatever follows a whole commit came after it; a log that breaks off
/// before such a place has lost what was on the disk. One that breaks off in its last commit is what a
/// power cut leaves.
///
/// The form is that of the [file format](https://www.sqlite.org/fileformat2.html), section 4.
pub(crate) fn wal_is_whole(path: &Path) -> bool {
    let Ok(log) = std::fs::read(beside(path, "-wal")) else { return true };
    // The header is brought to the disk before the first commit is begun: a log that has no more than
    // one, or a part of one, never held anything.
    if log.len() <= HEADER_BYTES {
        return true;
    }
    let word = |at: usize| {
        let bytes = log.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        bytes.map(u32::from_be_bytes)
    };
    let Some(page) = word(8).and_then(|size| usize::try_from(size).ok()) else { return false };
    let big = match word(0) {
        Some(0x377f_0682) => false,
        Some(0x377f_0683) => true,
        Some(_) | None => return false,
    };
    let mut sum = checksum((0, 0), log.get(..24).unwrap_or_default(), big);
    if (Some(sum.0), Some(sum.1)) != (word(24), word(28)) || !(512..=65_536).contains(&page) {
        return false;
    }
    let mut at = HEADER_BYTES;
    let mut broken = false;
    let mut commit_after_the_break = false;
    while let Some(frame) = log.get(at..at + 24 + page) {
        if (word(at + 8), word(at + 12)) != (word(16), word(20)) {
            // A frame of an earlier round: the log ended before it.
            return !broken || !commit_after_the_break;
        }
        if broken && commit_after_the_break {
            return false;
        }
        let (head, content) = frame.split_at(24);
        let next = checksum(checksum(sum, head.get(..8).unwrap_or_default(), big), content, big);
        broken |= (Some(next.0), Some(next.1)) != (word(at + 16), word(at + 20));
        commit_after_the_break |= broken && word(at + 4) != Some(0);
        sum = next;
        at += 24 + page;
    }
    true
}

/// What comes before the first frame.
const HEADER_BYTES: usize = 32;

/// The checksum of the log, over pairs of words.
fn checksum((mut one, mut two): (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = <[u8; 4]>::try_from(bytes).unwrap_or_default();
        if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    for pair in bytes.chunks_exact(8) {
        let (left, right) = pair.split_at(4);
        one = one.wrapping_add(word(left)).wrapping_add(two);
        two = two.wrapping_add(word(right)).wrapping_add(one);
    }
    (one, two)
}
