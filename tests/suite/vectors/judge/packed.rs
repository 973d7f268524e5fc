//! Packed batches.

use attendance::{PackContext, Roster, UnpackRejection, unpack};
use serde_json::json;

use super::{Found, Inputs, OTHER, UNKNOWN_VERSION, hex};

impl Inputs<'_> {
    pub(super) fn packed(&self) -> Found {
        let roster = self.input("roster").map(|_| self.bytes("roster"));
        let roster: Option<Roster> =
            roster.map(|bytes| seal::from_canonical(&bytes).expect("a good roster"));
        let context = roster.as_ref().map_or_else(PackContext::empty, PackContext::of);
        let events = unpack(&self.bytes("packed"), &context).map_err(|why| match why {
            UnpackRejection::Damaged(_) => "damaged",
            UnpackRejection::UnknownVersion { .. } => UNKNOWN_VERSION,
            UnpackRejection::OtherRoster { .. } => "other_roster",
            UnpackRejection::TooLarge => "too_large",
            UnpackRejection::NotCanonical => "not_canonical",
            _ => OTHER,
        })?;
        Ok(json!(events.iter().map(hex).collect::<Vec<_>>()))
    }
}
