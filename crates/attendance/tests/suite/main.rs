//! What the public surface promises, as statements.

mod card;
mod certificate;
mod chain;
mod day;
mod fixture;
mod form;
mod hostile;
mod packed;
mod timeline;
mod trust;
