//! The desktop program; everything is in the library, which phones load without this file.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    qatysu_app_lib::run()
}
