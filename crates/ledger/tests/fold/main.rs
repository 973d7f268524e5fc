//! The fold from log to tranche: what counts, what does not, and laws that hold for any log.
#![expect(clippy::unwrap_used, reason = "a fixture that does not hold fails its test")]

mod absences;
mod admission;
mod amendment;
mod budget;
mod confirmations;
mod corrections;
mod country;
mod decisions;
mod event_packs;
mod examples;
mod export;
mod fixture;
mod forward;
mod histories;
mod lessons;
mod narrower;
mod parts;
mod payments;
mod properties;
mod register;
mod registry;
mod reports;
mod signals;
mod signing;
mod snapshot;
mod tranche;
mod transfers;
mod visits;
mod what_if;
mod year;
