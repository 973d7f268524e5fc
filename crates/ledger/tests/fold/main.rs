//! The fold from log to tranche: what counts, what does not, and laws that hold for any log.
#![expect(clippy::unwrap_used, reason = "a fixture that does not hold fails its test")]

mod absences;
mod amendment;
mod confirmations;
mod corrections;
mod decisions;
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
mod registry;
mod reports;
mod snapshot;
mod tranche;
mod transfers;
mod visits;
mod what_if;
mod year;
