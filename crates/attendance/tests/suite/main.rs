//! What the public surface promises, as statements.

mod card;
mod certificate;
mod chain;
mod challenge;
mod fixture;
mod forms;
mod hostile;
mod rotating;
mod shown;
mod status;
mod status_delta;
mod trust;
