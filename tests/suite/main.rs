//! Whole-system tests, in one binary. The house rules (`tidy.rs`) are compiled with `xtask`.

mod api_tester;
mod bench;
mod carriage;
mod command_line;
mod e2e;
mod full_disk;
mod golden;
mod hub;
mod killed;
mod kills;
mod migrations;
mod papers;
mod permissions;
mod power_cut;
mod pressure;
mod programs;
mod qatysu;
mod refusals;
mod sheets;
mod simulation;
mod sync;
mod tranche_case;
mod vectors;
mod window;
mod witnesses;
