//! Cards: on paper, or with the key of a family's phone.

use attendance::{
    CardClaims, CardRejection, ShortCode, StatusList, TrustList, UnverifiedCard, VerifiedCard,
};
use seal::Hash;
use serde_json::json;

use super::finding::{Finding, Verdict};
use super::means::Means;
use crate::card::local_time;

/// Says what a card is and whether it holds.
pub(super) fn examine(card: UnverifiedCard, means: &Means) -> Finding {
    let mut finding = if card.claims().holder.is_some() {
        Finding::of("card_with_holder", "A card with the key of a family's phone.")
    } else {
        Finding::of("card", "A card for paper.")
    };
    claims(&mut finding, card.claims());
    finding.claim("sha256", card.hash());
    let verdict = judge(card, means, &mut finding);
    finding.judged(verdict)
}

fn judge(card: UnverifiedCard, means: &Means, finding: &mut Finding) -> Result<String, Verdict> {
    let trust = means.trust()?;
    let card = card.verify(trust, means.at_s()).map_err(|rejection| refusal(&rejection))?;
    admit(&card, trust, means, finding)
}

/// Says what stands behind a card that was verified, unless it was revoked.
pub(super) fn admit(
    card: &VerifiedCard,
    trust: &TrustList,
    means: &Means,
    finding: &mut Finding,
) -> Result<String, Verdict> {
    let (key, at, stale) = (card.key_id(), local_time(means.at_s()), trust.is_stale(means.at_s()));
    finding.tell("key", json!(key.to_string()));
    finding.tell("at", json!(at));
    finding.tell("stale", json!(stale));
    match &means.status {
        Some(bytes) => ask_status(bytes, card, trust, means, finding)?,
        None => finding.note("Whether it was revoked was not asked: give --status."),
    }
    if stale {
        finding.note("The trust list is older than it should be: fetch the newest one.");
    }
    Ok(format!("key {key} signed it, and it held at {at}"))
}

fn ask_status(
    bytes: &[u8],
    card: &VerifiedCard,
    trust: &TrustList,
    means: &Means,
    finding: &mut Finding,
) -> Result<(), Verdict> {
    let list = StatusList::parse_and_verify(bytes, trust, means.at_s(), 0)
        .map_err(|rejection| Verdict::refused("status_list", rejection))?;
    let (version, scope, age_s) = (list.version(), list.scope(), list.age_s(means.at_s()));
    let covers = list.covers(card);
    finding.tell(
        "status_list",
        json!({ "version": version, "scope": scope, "age_s": age_s, "covers": covers }),
    );
    let age = in_words(age_s);
    finding.note(if covers {
        format!("Status list {version} of {scope} was asked; it is {age}.")
    } else {
        format!(
            "Status list {version} is for {scope} and says nothing about this card; it is {age}."
        )
    });
    list.admit(card).map_err(|rejection| refusal(&rejection))
}

/// Shows what a card claims.
pub(super) fn claims(finding: &mut Finding, claims: &CardClaims) {
    let holder = claims.holder.map(|key| Hash(key).to_string());
    finding.claim("card", claims.card);
    finding.claim("code", ShortCode::derive_from(claims.card));
    finding.claim("child", claims.child);
    finding.claim("voucher", claims.voucher);
    let index = claims.status_index;
    finding.claim_as("status_index", index.to_string(), json!(index));
    let shown = holder.clone().unwrap_or_else(|| "none: a static card".to_owned());
    finding.claim_as("holder", shown, json!(holder));
    finding.claim("expires", local_time(claims.expires_at_s.into()));
}

/// Says what happened and what to do; times in words.
pub(super) fn refusal(rejection: &CardRejection) -> Verdict {
    let why = if let CardRejection::Expired { expired_at_s, shown_at_s } = rejection {
        let (ended, shown) = (local_time(*expired_at_s), local_time(*shown_at_s));
        format!(
            "the card ended at {ended} and was shown at {shown}: mark the child by hand and ask the \
             coordinator for a new card"
        )
    } else {
        rejection.to_string()
    };
    Verdict::refused(rejection.code(), why)
}

/// Says an age as a person would.
fn in_words(age_s: i64) -> String {
    match age_s {
        ..0 => "from later than the time asked about".to_owned(),
        0..7200 => format!("{} minutes old", age_s / 60),
        7200..172_800 => format!("{} hours old", age_s / 3600),
        _ => format!("{} days old", age_s / 86_400),
    }
}
