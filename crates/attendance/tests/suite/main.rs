//! What the public surface promises, as statements.

mod card;
mod certificate;
mod chain;
mod fixture;
mod form;
mod hostile;
mod timeline;
mod trust;
