//! Whole-system tests, in one binary.

mod e2e;
mod programs;
mod window;
