//! What the public surface promises, as statements.

mod card;
mod certificate;
mod chain;
mod challenge;
mod day;
mod fixture;
mod form;
mod forms;
mod hostile;
mod packed;
mod permission;
mod rotating;
mod shown;
mod status;
mod status_delta;
mod timeline;
mod trust;
