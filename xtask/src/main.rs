//! `cargo xtask VERB`: everything that is done with this repository, as one program.
//!
//! CI calls the same verbs, so that red there is red here. Deliberately absent: publishing, signing,
//! and any state outside `target/`, `src-ui/dist` and the cache of tools. Start at [`Verb`].

mod android;
mod api;
mod bench;
mod check;
mod console;
mod country;
mod demo;
mod e2e;
mod fuzz;
mod guides;
mod second;
mod setup;
mod shaped;
mod simulate;
mod steps;
mod suite;
mod test;
mod tool;
mod toolchain;
mod ui;
mod verb;
mod workspace;

use std::process::ExitCode;

use crate::console::{complain, print};
use crate::verb::{HELP, Verb};
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let verb = match Verb::parse(&arguments) {
        Ok(verb) => verb,
        Err(usage) => {
            complain(&usage);
            return ExitCode::from(2);
        }
    };
    match verb.run(&Workspace::find()) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints what can be done.
fn help() -> ExitCode {
    print(HELP);
    ExitCode::SUCCESS
}
