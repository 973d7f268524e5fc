//! Whole-system tests, in one binary. The house rules (`tidy.rs`) are compiled with `xtask`.

mod carriage;
mod command_line;
mod e2e;
mod golden;
mod hub;
mod migrations;
mod pressure;
mod programs;
mod qatysu;
mod refusals;
mod sync;
mod tranche_case;
mod vectors;
mod window;
mod witnesses;
