//! Events where no connection goes: sealed parcels, frames on a screen, datagrams.

mod datagrams;
mod parcels;
mod screens;
