//! Parcels and answers as a file that a person carries.
//!
//! Text, one thing a line, so that one damaged line spoils nothing but itself:
//!
//! ```text
//! qatysu-carry 1 <name of the log> <address of the server>
//! parcel <sha256> <base64>
//! answer <sha256 of the parcel> <sha256 of the answer> <base64>
//! word <sha256 of the parcel> <base64 of an acknowledgement> <base64 of the carrier's certificate>
//! end <number of lines between the first and this one>
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seal::Hash;

const MAGIC: &str = "qatysu-carry";
const VERSION: &str = "1";

/// A carrier's word that it keeps a parcel, with what it takes to verify it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    /// The parcel.
    pub parcel: Hash,
    /// The signed [`attendance::Acknowledgement`].
    pub acknowledgement: Vec<u8>,
    /// The carrier's device certificate.
    pub certificate: Vec<u8>,
}

/// What a carry file holds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CarryFile {
    /// The name of the log whose server all of it is for.
    pub origin: String,
    /// The address of that server, for people.
    pub server: String,
    /// Parcels: name and bytes.
    pub parcels: Vec<(Hash, Vec<u8>)>,
    /// The server's answers: the parcel's name, and the answer's bytes.
    pub answers: Vec<(Hash, Vec<u8>)>,
    /// Carriers' words.
    pub words: Vec<Word>,
}

/// What of a file is lost. Everything else of it was taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// The line, from 1.
    pub line: usize,
    /// The parcel that the line is about, if that can still be read.
    pub parcel: Option<Hash>,
    /// What is the matter, in words.
    pub what: &'static str,
}

/// Why a file was not taken at all.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CarryFileError {
    /// Some other file, or one whose first line is damaged.
    #[error("this is not a carry file of Qatysu: it begins with \"{MAGIC}\"")]
    Foreign,
    /// A newer program wrote it.
    #[error("this carry file is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: String,
    },
    /// It is for another server.
    #[error(
        "this file is for the log {found} at {server}; this device belongs to {own}: \
             take it to a device of that district"
    )]
    OtherServer {
        /// The log that the file is for.
        found: String,
        /// The address of its server.
        server: String,
        /// The log of this device.
        own: String,
    },
}

impl CarryFile {
    /// Writes the file.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{MAGIC} {VERSION} {} {}\n", self.origin, self.server);
        let encode = |bytes: &[u8]| STANDARD.encode(bytes);
        let mut lines = 0_usize;
        let mut add = |line: core::fmt::Arguments<'_>| {
            text.push_str(&line.to_string());
            text.push('\n');
            lines += 1;
        };
        for (name, bytes) in &self.parcels {
            add(format_args!("parcel {name} {}", encode(bytes)));
        }
        for (parcel, answer) in &self.answers {
            add(format_args!("answer {parcel} {} {}", seal::sha256(answer), encode(answer)));
        }
        for word in &self.words {
            let (said, by) = (encode(&word.acknowledgement), encode(&word.certificate));
            add(format_args!("word {} {said} {by}", word.parcel));
        }
        text.push_str(&format!("end {lines}\n"));
        text
    }

    /// Reads a file for the log `own`. What is damaged is named, and the rest is taken.
    ///
    /// # Errors
    /// [`CarryFileError`] if it is no carry file, or one for another server.
    pub fn parse(text: &str, own: &str) -> Result<(Self, Vec<Damage>), CarryFileError> {
        let mut lines = text.lines().zip(1..);
        let (first, _) = lines.next().ok_or(CarryFileError::Foreign)?;
        let mut words = first.split(' ');
        if words.next() != Some(MAGIC) {
            return Err(CarryFileError::Foreign);
        }
        match words.next() {
            Some(VERSION) => {}
            Some(version) => {
                return Err(CarryFileError::UnknownVersion { version: version.to_owned() });
            }
            None => return Err(CarryFileError::Foreign),
        }
        let (Some(origin), Some(server)) = (words.next(), words.next()) else {
            return Err(CarryFileError::Foreign);
        };
        let (origin, server) = (origin.to_owned(), server.to_owned());
        if origin != own {
            let own = own.to_owned();
            return Err(CarryFileError::OtherServer { found: origin, server, own });
        }
        let mut file = Self { origin, server, ..Self::default() };
        let (mut damaged, mut last, mut ended) = (Vec::new(), 1, None);
        for (line, number) in lines {
            last = number;
            if let Some(count) = line.strip_prefix("end ") {
                ended = Some((number, count.parse::<usize>().ok()));
                continue;
            }
            if let Err((parcel, what)) = file.take(line) {
                damaged.push(Damage { line: number, parcel, what });
            }
        }
        // Whole lines may be missing: the end says how many there were.
        if ended.is_none_or(|(number, count)| count != Some(number.saturating_sub(2))) {
            damaged.push(Damage { line: last, parcel: None, what: "lines are missing" });
        }
        Ok((file, damaged))
    }

    /// Reads one line.
    fn take(&mut self, line: &str) -> Result<(), (Option<Hash>, &'static str)> {
        let mut words = line.split(' ');
        let (kind, parcel) = (words.next(), words.next().and_then(Hash::from_hex));
        let broken = |what| (parcel, what);
        let name = parcel.ok_or(broken("the name of the parcel is damaged"))?;
        let mut bytes =
            |what| words.next().and_then(|word| STANDARD.decode(word).ok()).ok_or(broken(what));
        match kind {
            Some("parcel") => {
                let bytes = bytes("the parcel is damaged")?;
                if seal::sha256(&bytes) != name {
                    return Err(broken("the parcel is damaged"));
                }
                self.parcels.push((name, bytes));
            }
            Some("answer") => {
                let hash = words.next().and_then(Hash::from_hex);
                let answer = words.next().and_then(|word| STANDARD.decode(word).ok());
                let answer = answer.filter(|answer| Some(seal::sha256(answer)) == hash);
                self.answers.push((name, answer.ok_or(broken("the answer is damaged"))?));
            }
            Some("word") => {
                let acknowledgement = bytes("the carrier's word is damaged")?;
                let certificate = bytes("the carrier's word is damaged")?;
                self.words.push(Word { parcel: name, acknowledgement, certificate });
            }
            Some(_) | None => return Err(broken("the line is damaged")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "log.example/2026";

    fn file() -> CarryFile {
        let parcel = |byte: u8| (seal::sha256(&[byte; 40]), vec![byte; 40]);
        CarryFile {
            origin: OWN.to_owned(),
            server: "http://127.0.0.1:7400".to_owned(),
            parcels: vec![parcel(1), parcel(2), parcel(3)],
            answers: vec![(seal::sha256(&[9]), b"an answer".to_vec())],
            words: vec![Word {
                parcel: seal::sha256(&[9]),
                acknowledgement: vec![1, 2],
                certificate: vec![3],
            }],
        }
    }

    #[test]
    fn reads_what_it_writes() {
        assert_eq!(CarryFile::parse(&file().to_text(), OWN), Ok((file(), Vec::new())));
    }

    #[test]
    fn names_the_damaged_parcel_and_takes_the_others() {
        let text = file().to_text();
        let spoilt: String = text
            .lines()
            .enumerate()
            .map(|(at, line)| if at == 2 { line.replace("AgIC", "AgID") } else { line.to_owned() })
            .map(|line| line + "\n")
            .collect();
        assert_ne!(spoilt, text);
        let (read, damaged) = CarryFile::parse(&spoilt, OWN).unwrap();
        let second = file().parcels[1].0;
        let what = "the parcel is damaged";
        assert_eq!(damaged, [Damage { line: 3, parcel: Some(second), what }]);
        let kept = [file().parcels[0].clone(), file().parcels[2].clone()];
        assert_eq!(read.parcels, kept);
        assert_eq!((read.answers, read.words), (file().answers, file().words));
    }

    #[test]
    fn no_changed_character_gives_another_parcel_or_answer() {
        let text = file().to_text();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok((read, _)) = CarryFile::parse(&String::from_utf8_lossy(&bytes), OWN) else {
                continue;
            };
            assert!(read.parcels.iter().all(|parcel| file().parcels.contains(parcel)), "{at}");
            let answers: Vec<_> = file().answers.into_iter().map(|(_, bytes)| bytes).collect();
            assert!(read.answers.iter().all(|(_, bytes)| answers.contains(bytes)), "{at}");
        }
    }

    #[test]
    fn says_that_lines_are_missing() {
        let text = file().to_text();
        let cut = text.lines().take(3).collect::<Vec<_>>().join("\n");
        let (read, damaged) = CarryFile::parse(&cut, OWN).unwrap();
        assert_eq!(read.parcels.len(), 2);
        assert_eq!(damaged, [Damage { line: 3, parcel: None, what: "lines are missing" }]);
    }

    #[test]
    fn refuses_other_files_and_names_the_other_server() {
        assert_eq!(CarryFile::parse("", OWN), Err(CarryFileError::Foreign));
        assert_eq!(CarryFile::parse("PK\u{3}\u{4}", OWN), Err(CarryFileError::Foreign));
        let newer = file().to_text().replacen("carry 1", "carry 2", 1);
        let version = "2".to_owned();
        assert_eq!(CarryFile::parse(&newer, OWN), Err(CarryFileError::UnknownVersion { version }));
        let refused = CarryFile::parse(&file().to_text(), "log.other/2026").unwrap_err();
        assert!(refused.to_string().contains(OWN), "{refused}");
        assert!(refused.to_string().contains("log.other/2026"), "{refused}");
    }
}
