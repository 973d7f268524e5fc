//! A policy's text, read and written.

use core::fmt;

use super::{Item, Policy, PolicyFault, PolicyLog, PolicyRejection, PolicyWitness};
use crate::cosignature::WitnessKey;
use crate::verifier_key::VerifierKey;

/// The quorum that needs nobody; no other thing can be called so.
pub(super) const NONE: &str = "none";

/// The longest text that is read, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;

impl Policy {
    /// Parses a policy's text. Empty lines and lines that start with `#` are ignored.
    ///
    /// # Errors
    /// [`PolicyRejection`] says which line is wrong.
    pub fn parse(text: &str) -> Result<Self, PolicyRejection> {
        let control = |c: char| c.is_ascii_control() && c != '\n' && c != '\t';
        if text.len() > TEXT_BYTES_MAX || text.contains(control) {
            return Err(PolicyRejection::NotText);
        }
        let lines = text.strip_suffix('\n').ok_or(PolicyRejection::NotText)?.split('\n');
        let mut policy = Self { logs: Vec::new(), items: Vec::new(), quorum: None };
        let mut decided = false;
        for (line, words) in (1..).zip(lines) {
            let words: Vec<&str> =
                words.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            policy
                .read_line(&words, &mut decided)
                .map_err(|fault| PolicyRejection::Line { line, fault })?;
        }
        if decided { Ok(policy) } else { Err(PolicyRejection::NoQuorum) }
    }

    fn read_line(&mut self, words: &[&str], decided: &mut bool) -> Result<(), PolicyFault> {
        match words {
            [] => Ok(()),
            [comment, ..] if comment.starts_with('#') => Ok(()),
            ["log", key, address @ ..] => {
                let (key, address) = (VerifierKey::parse(key)?, at_most_one(address)?);
                self.add_log(PolicyLog { key, address })
            }
            ["witness", name, key, address @ ..] => {
                let (key, address) = (WitnessKey::parse(key)?, at_most_one(address)?);
                self.add_witness(PolicyWitness { name: (*name).to_owned(), key, address })
            }
            ["group", name, threshold, members @ ..] => {
                let members = members.iter().map(|name| self.find(name));
                let members = members.collect::<Result<Vec<_>, _>>()?;
                let threshold = match *threshold {
                    "any" => 1,
                    "all" => members.len(),
                    k => decimal(k).ok_or(PolicyFault::Threshold)?,
                };
                self.add_group((*name).to_owned(), threshold, members)
            }
            ["quorum", name] => {
                if *decided {
                    return Err(PolicyFault::QuorumTwice);
                }
                self.quorum = if *name == NONE { None } else { Some(self.find(name)?) };
                *decided = true;
                Ok(())
            }
            _ => Err(PolicyFault::Malformed),
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = |address: &Option<String>| {
            address.as_ref().map_or(String::new(), |address| format!(" {address}"))
        };
        for log in &self.logs {
            writeln!(f, "log {}{}", log.key, address(&log.address))?;
        }
        for item in &self.items {
            match item {
                Item::Witness(one) => {
                    writeln!(f, "witness {} {}{}", one.name, one.key, address(&one.address))?;
                }
                Item::Group { name, threshold, members } => {
                    write!(f, "group {name} {threshold}")?;
                    members.iter().try_for_each(|at| write!(f, " {}", self.items[*at].name()))?;
                    writeln!(f)?;
                }
            }
        }
        writeln!(f, "quorum {}", self.quorum.map_or(NONE, |quorum| self.items[quorum].name()))
    }
}

fn at_most_one(address: &[&str]) -> Result<Option<String>, PolicyFault> {
    match address {
        [] => Ok(None),
        [address] => Ok(Some((*address).to_owned())),
        _ => Err(PolicyFault::Malformed),
    }
}

/// Reads a number of witnesses, without a sign.
fn decimal(word: &str) -> Option<usize> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|_| digits)
}
