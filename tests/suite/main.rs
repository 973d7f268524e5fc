//! Whole-system tests, in one binary. The house rules (`tidy.rs`) are compiled with `xtask`.

mod command_line;
mod e2e;
mod full_disk;
mod golden;
mod killed;
mod kills;
mod migrations;
mod power_cut;
mod programs;
mod qatysu;
mod refusals;
mod sync;
mod vectors;
mod window;
mod witnesses;
