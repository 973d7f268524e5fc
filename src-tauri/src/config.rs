//! What the program is told from outside: its arguments and its environment, read here alone.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// How to call the program.
pub(crate) const USAGE: &str = "\
Usage: qatysu-app [--ticket TEXT]

  --ticket TEXT   enrols this device with the ticket that the coordinator issued; once

Environment:
  QATYSU_DATA     the folder of the device store; else the system's folder for this app
  QATYSU_TICKET   the same as --ticket, which goes before it";

/// Where the device store is, and the ticket for the first start.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Config {
    /// The folder of the device store; `None` is the platform's folder for this app.
    pub(crate) data_dir: Option<PathBuf>,
    /// The enrolment ticket, needed once.
    pub(crate) ticket: Option<String>,
}

/// Why the program cannot begin as it was called.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("help was asked for")]
    HelpWanted,
    #[error("--ticket needs the ticket's text after it")]
    TicketMissing,
    #[error("the ticket is not UTF-8 text")]
    TicketNotText,
    #[error("unknown argument: {0}")]
    UnknownArgument(String),
}

impl Config {
    /// Reads the arguments and the environment of this process.
    pub(crate) fn from_process() -> Result<Self, ConfigError> {
        Self::parse(env::args_os().skip(1), |name| env::var_os(name))
    }

    fn parse(
        mut args: impl Iterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ConfigError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let mut ticket = set("QATYSU_TICKET");
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--ticket") => ticket = Some(args.next().ok_or(ConfigError::TicketMissing)?),
                Some("--help" | "-h") => return Err(ConfigError::HelpWanted),
                _ => return Err(ConfigError::UnknownArgument(arg.to_string_lossy().into_owned())),
            }
        }
        Ok(Self {
            data_dir: set("QATYSU_DATA").map(PathBuf::from),
            ticket: ticket
                .map(|text| text.into_string().map_err(|_| ConfigError::TicketNotText))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::parse(args.iter().map(OsString::from), |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn argument_goes_before_environment() {
        let config = parse(&["--ticket", "A"], &[("QATYSU_TICKET", "B"), ("QATYSU_DATA", "/d")]);
        let wanted = Config { data_dir: Some("/d".into()), ticket: Some("A".to_owned()) };
        assert_eq!(config, Ok(wanted));
    }

    #[test]
    fn empty_variables_count_as_absent() {
        let config = parse(&[], &[("QATYSU_TICKET", ""), ("QATYSU_DATA", "")]);
        assert_eq!(config, Ok(Config::default()));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(parse(&["--ticket"], &[]), Err(ConfigError::TicketMissing));
        let unknown = ConfigError::UnknownArgument("--tickets".to_owned());
        assert_eq!(parse(&["--tickets", "A"], &[]), Err(unknown));
    }
}
