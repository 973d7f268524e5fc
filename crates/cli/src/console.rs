//! What a command says, and how it ends.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

/// How a command ends. The numbers are part of the command line's contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// All is well.
    Fine,
    /// What was asked was looked at and refused, or not found.
    Refused,
    /// Something did not work: a file, a port, a disk.
    Broken,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Fine => Self::SUCCESS,
            Exit::Refused => Self::from(1),
            // 2 is clap's, for a wrong command line.
            Exit::Broken => Self::from(3),
        }
    }
}

/// Writes an error with what lies behind it, each thing once: some errors say their cause themselves.
pub(crate) fn explain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Writes to standard output: text for people, or one JSON value for machines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Console {
    /// True if a machine reads.
    pub(crate) json: bool,
}

impl Console {
    /// Prints a line for people; nothing if a machine reads.
    pub(crate) fn line(self, text: impl AsRef<str>) {
        if !self.json {
            self.raw(text.as_ref());
        }
    }

    /// Prints the JSON value, if a machine reads.
    pub(crate) fn json(self, value: &serde_json::Value) {
        if self.json {
            self.raw(&value.to_string());
        }
    }

    /// Prints a line for whoever reads. A closed pipe ends the output quietly.
    pub(crate) fn raw(self, text: &str) {
        drop(writeln!(std::io::stdout().lock(), "{text}"));
    }

    /// Shows passing progress on standard error, if somebody watches and no machine reads.
    pub(crate) fn progress(self, text: &str) {
        let mut err = std::io::stderr().lock();
        if !self.json && err.is_terminal() {
            drop(write!(err, "\r\u{1b}[2K{text}"));
            drop(err.flush());
        }
    }

    /// Removes passing progress.
    pub(crate) fn progress_done(self) {
        self.progress("");
    }
}

/// Colours a word on a terminal; plain in a pipe or under `NO_COLOR`.
pub(crate) fn paint(text: &str, colour: Colour) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{}m{text}\u{1b}[0m", colour as u8)
    } else {
        text.to_owned()
    }
}

/// The few colours in use.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(crate) enum Colour {
    /// Refused.
    Red = 31,
    /// Accepted.
    Green = 32,
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::explain;

    #[test]
    fn says_each_cause_once() {
        let told = anyhow!("the disk is full").context("cannot write a.pdf: the disk is full");
        assert_eq!(explain(&told), "cannot write a.pdf: the disk is full");
        let untold = anyhow!("the disk is full").context("cannot write a.pdf");
        assert_eq!(explain(&untold), "cannot write a.pdf: the disk is full");
    }
}
