//! Whole-system tests, in one binary. The house rules (`tidy.rs`) are compiled with `xtask`.

mod command_line;
mod e2e;
mod golden;
mod migrations;
mod programs;
mod qatysu;
mod refusals;
mod simulation;
mod sync;
mod vectors;
mod window;
mod witnesses;
