//! The files as they may be after the power went.

use std::collections::BTreeMap;
use std::path::Path;

use super::recorder::Op;

/// A disk writes so many bytes at once.
const SECTOR: usize = 512;

/// A seeded source of chance (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn of_hundred(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// One file: what is on the disk for certain, and what was done since.
#[derive(Clone, Debug, Default)]
struct Shadow {
    on_disk: Vec<u8>,
    /// True if the name is on the disk for certain.
    named: bool,
    pending: Vec<Pending>,
}

#[derive(Clone, Debug)]
enum Pending {
    Write(usize, Vec<u8>),
    Truncate(usize),
    Delete,
}

/// The disk of one folder.
#[derive(Clone, Debug)]
pub(super) struct Disk(BTreeMap<String, Shadow>);

impl Disk {
    /// Takes a folder as it is, all of it on the disk.
    pub(super) fn of(folder: &Path) -> Self {
        let files = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry"));
        let files = files.filter(|entry| entry.path().is_file()).map(|entry| {
            let on_disk = std::fs::read(entry.path()).expect("a file");
            let name = entry.file_name().into_string().expect("a name");
            (name, Shadow { on_disk, named: true, pending: Vec::new() })
        });
        Self(files.collect())
    }

    /// Does what was done. Gives the newest mark that was met.
    pub(super) fn play(&mut self, ops: &[Op]) -> u64 {
        let mut promised = 0;
        for op in ops {
            match op {
                Op::Write { file, at, bytes } => {
                    self.file(file).pending.push(Pending::Write(*at, bytes.clone()));
                }
                Op::Truncate { file, size } => {
                    self.file(file).pending.push(Pending::Truncate(*size));
                }
                Op::Sync { file } => {
                    let shadow = self.file(file);
                    for pending in std::mem::take(&mut shadow.pending) {
                        pending.apply(&mut shadow.on_disk);
                    }
                    // SQLite syncs the folder with the first sync of a file that it made.
                    shadow.named = true;
                }
                Op::Delete { file, certain: true } => drop(self.0.remove(file)),
                Op::Delete { file, certain: false } => {
                    self.file(file).pending.push(Pending::Delete);
                }
                Op::Mark(count) => promised = promised.max(*count),
            }
        }
        promised
    }

    fn file(&mut self, name: &str) -> &mut Shadow {
        self.0.entry(name.to_owned()).or_default()
    }

    /// Writes the files as they may be if the power goes now.
    pub(super) fn after_a_cut(mut self, chance: &mut Chance, folder: &Path) {
        // Some cuts lose nearly all that was not synced, some nearly nothing.
        let percent = [2, 30, 60, 98][usize::try_from(chance.below(4)).expect("small")];
        for (name, shadow) in &mut self.0 {
            let mut is_there = shadow.named || chance.of_hundred(percent);
            for pending in std::mem::take(&mut shadow.pending) {
                match pending {
                    Pending::Write(at, bytes) => {
                        // Sectors of one write come to the disk in any order, or do not.
                        let all = chance.of_hundred(percent);
                        let mut from = 0;
                        while from < bytes.len() {
                            let to = (from + SECTOR - (at + from) % SECTOR).min(bytes.len());
                            if all || chance.of_hundred(percent / 2) {
                                let part = bytes[from..to].to_vec();
                                Pending::Write(at + from, part).apply(&mut shadow.on_disk);
                            }
                            from = to;
                        }
                    }
                    Pending::Truncate(_) if chance.of_hundred(percent) => {
                        pending.apply(&mut shadow.on_disk);
                    }
                    Pending::Truncate(_) => {}
                    Pending::Delete if chance.of_hundred(percent) => is_there = false,
                    Pending::Delete => {}
                }
            }
            if is_there {
                std::fs::write(folder.join(name), &shadow.on_disk).expect("a file is written");
            }
        }
    }
}

impl Pending {
    fn apply(self, to: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                let end = at + bytes.len();
                if to.len() < end {
                    to.resize(end, 0);
                }
                to[at..end].copy_from_slice(&bytes);
            }
            Self::Truncate(size) => to.resize(size, 0),
            Self::Delete => to.clear(),
        }
    }
}
