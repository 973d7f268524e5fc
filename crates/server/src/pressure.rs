//! What keeps one caller from taking the server from the others: turns and rates. Places, and the
//! buckets, are of crate `listener`.
//!
//! The rules are pure and are handed the time ([`turns`], [`listener::Buckets`]); the rest puts them
//! into use.

pub(crate) mod rates;
pub(crate) mod turns;
pub(crate) mod writer;
