//! Events where no connection goes: sealed parcels, frames on a screen, datagrams.

mod parcels;
