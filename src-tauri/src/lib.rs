//! The app's shell: a window around the UI, and one door from it to `shell-core`.
//!
//! Absent on purpose: rules, storage, keys and clocks. The shell decides nothing; what a command
//! does is the same in the browser shell (`web-shell`). Absent so far: the phone's keystore (keys
//! are those of `device`), updates, a log of its own: what `tracing` is told is
//! dropped, and what a person must know goes to stderr.
//!
//! # Invariants
//! - The UI can call the commands of [`ipc::COMMANDS`] and nothing else of ours: each has its own
//!   permission, and `capabilities/default.json` names them one by one.
//! - No command runs on the thread that draws the window.
//! - A device store that cannot be opened is shown and said, never repaired and never a panic.
//! - The environment and the arguments are read in one file, `config.rs`.
//!
//! Start at [`run`], then `commands.rs`.

mod commands;
mod config;
mod stopped;
#[cfg(test)]
mod tests;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use shell_core::{Pace, Shell, ShellClock, ShellConfig, ShellError};
use tauri::{App, AppHandle, Context, Manager, RunEvent, Runtime};

use crate::config::{Config, ConfigError};
use crate::stopped::Stopped;

/// Opens the window and stays until it is closed.
///
/// Returns only when the program cannot begin at all; otherwise the process ends with the window:
/// with success, or with 1 if the device store could not be opened.
pub fn run() -> ExitCode {
    match Config::from_process() {
        Ok(config) => open_window(config),
        Err(ConfigError::HelpWanted) => {
            eprintln!("{}", config::USAGE);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("qatysu-app: {error}\n\n{}", config::USAGE);
            ExitCode::from(2)
        }
    }
}

/// Where a phone begins. The name `start_app` that the platform looks for is made by the macro.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn run_on_phone() {
    run();
}

fn open_window(config: Config) -> ExitCode {
    // The window library panics where there is no display; asked first, it says so.
    #[cfg(target_os = "linux")]
    if let Err(error) = gtk::init() {
        eprintln!("qatysu-app: there is no display to open a window on: {error}");
        return ExitCode::FAILURE;
    }
    let app = tauri::Builder::default()
        .invoke_handler(commands::dispatch)
        .register_uri_scheme_protocol(stopped::SCHEME, |context, _| {
            stopped::answer(context.app_handle())
        })
        .setup(move |app| {
            if let Err(error) = furnish(app, config) {
                eprintln!("qatysu-app: the window does not open: {error}");
                app.handle().exit(1);
            }
            Ok(())
        })
        .build(context());
    match app {
        Ok(app) => app.run(leave),
        Err(error) => eprintln!("qatysu-app: the window system does not answer: {error}"),
    }
    ExitCode::FAILURE
}

/// What was built in: the UI's files, `tauri.conf.json`, the icons and the capabilities.
fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

fn furnish(app: &mut App, config: Config) -> tauri::Result<()> {
    #[cfg(mobile)]
    app.handle().plugin(tauri_plugin_barcode_scanner::init())?;
    let data_dir = match config.data_dir {
        Some(named) => named,
        None => app.path().app_data_dir()?,
    };
    match open_shell(data_dir, config.ticket) {
        Ok(shell) => {
            app.manage(shell);
            window::open_main(app.handle())
        }
        Err(error) => {
            eprintln!("qatysu-app: {error}");
            app.manage(Stopped::because(&error));
            stopped::open(app.handle())
        }
    }
}

/// Opens the device store, and begins in the background to send what waits in it.
fn open_shell(data_dir: PathBuf, ticket: Option<String>) -> Result<Shell, ShellError> {
    tauri::async_runtime::block_on(async {
        let shell = Shell::open(ShellConfig { data_dir, clock: ShellClock::system() })?;
        tauri::async_runtime::spawn(enrol_and_sync(shell.clone(), ticket));
        Ok(shell)
    })
}

/// The window does not wait for this: a tablet without a network opens as fast as one with it.
async fn enrol_and_sync(shell: Shell, ticket: Option<String>) {
    if let Some(ticket) = ticket
        && let Err(error) = shell.enrol(&ticket).await
    {
        eprintln!("qatysu-app: {error}");
    }
    shell.search_nearby(true);
    shell.spawn_sync(Pace::default());
    shell.spawn_forwarding();
}

/// Ends with failure when the window that is closing was the one of a stopped program.
fn leave(app: &AppHandle, event: RunEvent) {
    if let RunEvent::ExitRequested { code: None, api, .. } = event
        && app.try_state::<Stopped>().is_some()
    {
        api.prevent_exit();
        app.exit(1);
    }
}
