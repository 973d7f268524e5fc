//! Running other programs, and saying so.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// Where the output of a verb goes: the terminal, or the log file of one step.
pub(crate) struct Console {
    to: To,
    notes: Vec<String>,
}

enum To {
    Stdout,
    Stderr,
    Log(PathBuf),
}

impl Console {
    /// Everything goes to the terminal, at once.
    pub(crate) fn terminal() -> Self {
        Self { to: To::Stdout, notes: Vec::new() }
    }

    /// Everything goes to the terminal, but leaves standard output to the program that runs last.
    pub(crate) fn stderr() -> Self {
        Self { to: To::Stderr, notes: Vec::new() }
    }

    /// Everything goes to a file; only notes come back to the reader.
    pub(crate) fn log(path: PathBuf) -> Result<Self> {
        File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { to: To::Log(path), notes: Vec::new() })
    }

    /// One line of progress.
    pub(crate) fn say(&self, line: &str) -> Result<()> {
        match &self.to {
            To::Stdout => print(line),
            To::Stderr => complain(line),
            To::Log(path) => writeln!(append(path)?, "{line}")?,
        }
        Ok(())
    }

    /// Something the reader must see even when all went well.
    pub(crate) fn note(&mut self, line: impl Into<String>) {
        let line = line.into();
        match &self.to {
            To::Stdout => print(&line),
            To::Stderr => complain(&line),
            To::Log(_) => self.notes.push(line),
        }
    }

    /// Repeats as notes the lines of this step's log that begin like one of these, each once.
    pub(crate) fn repeat(&mut self, beginnings: &[&str]) -> Result<()> {
        let To::Log(path) = &self.to else { return Ok(()) };
        let log =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut seen = BTreeSet::new();
        for line in log.lines().map(str::trim) {
            let wanted = beginnings.iter().any(|beginning| line.starts_with(beginning));
            if wanted && seen.insert(line) {
                self.notes.push(line.to_owned());
            }
        }
        Ok(())
    }

    /// The notes made so far.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Takes the notes made since the last call.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Runs a program to its end; anything but success is an error that shows the command.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        let shown = show(command);
        match &self.to {
            To::Stdout => {}
            To::Stderr => {
                command.stdout(io::stderr());
            }
            To::Log(path) => {
                let mut log = append(path)?;
                writeln!(log, "$ {shown}")?;
                command.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null());
                command.env("CARGO_TERM_COLOR", "never").env("NO_COLOR", "1");
            }
        }
        let status = command.status().with_context(|| format!("cannot start: {shown}"))?;
        if !status.success() {
            bail!("{status} from: {shown}");
        }
        Ok(())
    }
}

fn append(path: &Path) -> Result<File> {
    let file = File::options().append(true).open(path);
    file.with_context(|| format!("cannot write {}", path.display()))
}

/// A line on standard output.
#[expect(clippy::print_stdout, reason = "a build tool talks to a terminal")]
pub(crate) fn print(line: &str) {
    println!("{line}");
}

/// The beginning of a line on standard output, visible at once.
#[expect(clippy::print_stdout, reason = "a build tool talks to a terminal")]
pub(crate) fn print_part(text: &str) {
    print!("{text}");
    // A terminal that is gone loses a line of progress, no more.
    drop(io::stdout().flush());
}

/// A line on standard error.
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}

/// Runs a program quietly and says whether it succeeded; a missing program has not.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The standard output of a program that must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = show(command);
    let output = command.output().with_context(|| format!("cannot start: {shown}"))?;
    if !output.status.success() {
        bail!("{} from: {shown}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as one could type it, with the variables that were set for it.
fn show(command: &Command) -> String {
    let set = command.get_envs().filter_map(|(name, value)| {
        Some(format!("{}={}", name.to_string_lossy(), value?.to_string_lossy()))
    });
    let program = command.get_program().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    set.chain([program]).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// A duration for a reader: `0.4 s`, `83 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(10) {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{:.0} s", duration.as_secs_f64())
    }
}
