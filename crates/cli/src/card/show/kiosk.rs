//! What a tablet at the door shows: a challenge.

use attendance::UnverifiedChallenge;

use super::finding::{Finding, Verdict};
use super::means::{Means, WINDOW};
use super::phone;

/// Says what a challenge is and whether the tablet asks it now.
pub(super) fn challenge(challenge: UnverifiedChallenge, means: &Means) -> Finding {
    let mut finding = Finding::of(
        "challenge",
        "A tablet's question to a phone. The phone scans it, nobody else.",
    );
    let claims = challenge.claims();
    finding.claim("device", claims.device);
    finding.claim("lesson", claims.lesson);
    phone::shown_at(&mut finding, claims.step);
    finding.claim("sha256", challenge.hash());
    let verdict = judge(challenge, means);
    finding.judged(verdict)
}

fn judge(challenge: UnverifiedChallenge, means: &Means) -> Result<String, Verdict> {
    let device = challenge.claims().device;
    challenge
        .verify(&means.certificate()?, means.at_ms, WINDOW)
        .map_err(|rejection| Verdict::refused(rejection.code(), rejection))?;
    Ok(format!("the certified tablet {device} asks it"))
}
