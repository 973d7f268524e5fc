//! Identities of other schemes. They name a person: nothing is shown in full unless it is asked for.

use identity::{Claims, IdentityRejection, UnverifiedIdentity};
use serde_json::json;

use super::finding::{Finding, Verdict};
use super::means::Means;
use crate::card::local_time;

/// Says what an identity is and whether its issuer signed it.
pub(super) fn examine(text: &str, means: &Means) -> Finding {
    let mut finding = Finding::of(
        "identity",
        "An identity card of another scheme. It names a person and is no attendance card.",
    );
    let keys = means.identity_keys.clone().unwrap_or_default();
    finding.note(
        "At the door: mark by hand, or ask the coordinator for the card. \
         It may be used to enter a name without typing it.",
    );
    let identity = match UnverifiedIdentity::parse(text, &keys) {
        Ok(identity) => identity,
        Err(rejection) => return finding.refused(rejection.code(), rejection),
    };
    claims(&mut finding, identity.claims(), means.full);
    if means.identity_keys.is_none() {
        let missing = "give --identity-keys, anybody could have written this";
        return finding.judged(Err(Verdict::not_verified(missing)));
    }
    let issuer = identity.claims().issuer.clone().unwrap_or_default();
    let verified = identity.verify(&keys, means.at_s()).map_err(|rejection| refusal(&rejection));
    let at = local_time(means.at_s());
    finding.judged(verified.map(|_| format!("a key of {issuer} signed it, and it held at {at}")))
}

fn claims(finding: &mut Finding, claims: &Claims, full: bool) {
    finding.claim("scheme", claims.scheme.name());
    if let Some(issuer) = &claims.issuer {
        finding.claim("issuer", issuer);
    }
    let times = [
        ("issued", claims.issued_at_s),
        ("holds_from", claims.not_before_s),
        ("expires", claims.expires_at_s),
    ];
    for (name, at_s) in times {
        if let Some(at_s) = at_s {
            finding.claim(name, local_time(at_s));
        }
    }
    for (field, personal) in claims.fields() {
        let shown = if full { personal.reveal().to_owned() } else { personal.to_string() };
        finding.claim(field.name(), shown);
    }
    let dropped: Vec<_> = claims.dropped().collect();
    if !dropped.is_empty() {
        finding.claim_as("not_read", dropped.join(", "), json!(dropped));
    }
}

/// Says what happened and what to do; times in words.
fn refusal(rejection: &IdentityRejection) -> Verdict {
    let shown = |at_s: &i64| local_time(*at_s);
    let why = if let IdentityRejection::Expired { expired_at_s, shown_at_s } = rejection {
        let (ended, shown) = (shown(expired_at_s), shown(shown_at_s));
        format!("the identity ended at {ended} and was shown at {shown}: ask for a newer one")
    } else if let IdentityRejection::NotYetValid { holds_from_s, shown_at_s } = rejection {
        let (begins, shown) = (shown(holds_from_s), shown(shown_at_s));
        format!("the identity holds from {begins} and was shown at {shown}: compare the clock")
    } else {
        rejection.to_string()
    };
    Verdict::refused(rejection.code(), why)
}
