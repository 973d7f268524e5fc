//! Status lists and their changes.

use attendance::{StatusDelta, StatusList};
use serde_json::json;

use super::{Found, Inputs, hex};

impl Inputs<'_> {
    pub(super) fn status_list(&self) -> Found {
        let seen = u32::try_from(self.number("highest_seen")).expect("a version");
        let (bytes, now_s) = (self.bytes("list"), self.number("now_s"));
        let list = StatusList::parse_and_verify(&bytes, &self.trust(), now_s, seen);
        let list = list.map_err(|why| why.code().to_owned())?;
        Ok(json!({
            "version": list.version(),
            "issued_at_s": list.issued_at_s(),
            "scope": list.scope(),
            "revoked": list.revoked(),
        }))
    }

    pub(super) fn status_delta(&self) -> Found {
        let base = StatusList::parse_kept(&self.bytes("base")).expect("a good list");
        let (bytes, now_s) = (self.bytes("delta"), self.number("now_s"));
        let delta = StatusDelta::parse_and_verify(&bytes, &self.trust(), now_s);
        let list = delta.and_then(|delta| delta.apply(&base));
        let list = list.map_err(|why| why.code().to_owned())?;
        Ok(json!({
            "version": list.version(),
            "revoked": list.revoked(),
            "list": hex(list.to_bytes()),
        }))
    }
}
