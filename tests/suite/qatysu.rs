//! The program `qatysu`, run as people run it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Finds the program beside this test.
pub(crate) fn program() -> PathBuf {
    let exe = std::env::current_exe().expect("this test's own file");
    // target/<profile>/deps/suite-…
    let profile = exe.ancestors().nth(2).expect("a test is in target/<profile>/deps");
    let built = profile.join("qatysu");
    assert!(built.is_file(), "{} is missing: build it with cargo build -p cli", built.display());
    built
}

/// A command line, not started yet.
pub(crate) fn qatysu(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// Runs a command line to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    Ended::from(qatysu(arguments).output().expect("the program starts"))
}

/// Runs a command line that reads this text.
pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> Ended {
    let mut command = qatysu(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it reads");
    stdin.write_all(input.as_bytes()).expect("it reads to the end");
    drop(stdin);
    Ended::from(child.wait_with_output().expect("it ends"))
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) said: String,
    /// Standard error.
    pub(crate) complained: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let code = output.status.code();
        Self { code, said: text(output.stdout), complained: text(output.stderr) }
    }
}

impl Ended {
    /// It ended with this code. Gives what it said.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}\n{}", self.said, self.complained);
        assert!(!self.complained.contains("panicked"), "{}", self.complained);
        self.said
    }
}
