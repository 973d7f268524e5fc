//! What a family's phone shows: rotating codes, and answers to a tablet.

use attendance::{
    CardId, ProofRejection, STEP_MS, Step, UnverifiedAnswer, UnverifiedCard, UnverifiedChallenge,
    UnverifiedRotating,
};
use serde_json::json;

use super::card;
use super::finding::{Finding, Verdict};
use super::means::{Means, WINDOW};
use crate::card::local_time;

/// Says what a rotating code is and whether the phone made it now.
pub(super) fn rotating(code: UnverifiedRotating, means: &Means) -> Finding {
    let mut finding = match code.card() {
        Some(_) => Finding::of("rotating_with_card", "A rotating code of a phone, with its card."),
        None => Finding::of("rotating", "A rotating code of a phone, which names its card."),
    };
    about_card(&mut finding, code.card_id(), code.card());
    shown_at(&mut finding, code.claims().step);
    let verdict = judge_rotating(code, means, &mut finding);
    finding.judged(verdict)
}

fn judge_rotating(
    code: UnverifiedRotating,
    means: &Means,
    finding: &mut Finding,
) -> Result<String, Verdict> {
    let card = code.card_id();
    finding.note("Whether the code was used before, only the device at the door knows.");
    if let Some(holder) = means.holder(card) {
        code.verify(&holder, means.at_ms, WINDOW).map_err(|rejection| refusal(&rejection))?;
        return Ok(format!("the phone with this key showed it for card {card}"));
    }
    if code.card().is_none() {
        return Err(needs_holder());
    }
    let trust = means.trust()?;
    let (card, _) = code
        .verify_with_card(trust, means.at_ms, WINDOW)
        .map_err(|rejection| refusal(&rejection))?;
    let by_card = card::admit(&card, trust, means, finding)?;
    Ok(format!("the card's phone showed it; of the card, {by_card}"))
}

/// Says what an answer is and whether the phone gave it to this challenge.
pub(super) fn answer(answer: UnverifiedAnswer, means: &Means) -> Finding {
    let mut finding = match answer.card() {
        Some(_) => Finding::of("answer_with_card", "A phone's answer to a tablet, with its card."),
        None => Finding::of("answer", "A phone's answer to a tablet, which names its card."),
    };
    about_card(&mut finding, answer.card_id(), answer.card());
    let challenge = answer.challenge().into_iter().map(|byte| format!("{byte:02x}"));
    finding.claim("challenge", format!("{}…", challenge.collect::<String>()));
    let verdict = judge_answer(answer, means, &mut finding);
    finding.judged(verdict)
}

fn judge_answer(
    answer: UnverifiedAnswer,
    means: &Means,
    finding: &mut Finding,
) -> Result<String, Verdict> {
    let asked = means.challenge.as_ref().ok_or_else(|| {
        Verdict::not_verified(
            "give --challenge and --certificate: an answer is good only for the tablet that asked",
        )
    })?;
    let certificate = means.certificate()?;
    let asked = UnverifiedChallenge::parse(asked)
        .and_then(|asked| asked.verify(&certificate, means.at_ms, WINDOW))
        .map_err(|rejection| Verdict::refused("challenge", rejection))?;
    let card = answer.card_id();
    if let Some(holder) = means.holder(card) {
        answer
            .verify(&holder, &asked, means.at_ms, WINDOW)
            .map_err(|rejection| refusal(&rejection))?;
        return Ok(format!("the phone with this key answered for card {card}"));
    }
    if answer.card().is_none() {
        return Err(needs_holder());
    }
    let trust = means.trust()?;
    let (card, _) = answer
        .verify_with_card(trust, &asked, means.at_ms, WINDOW)
        .map_err(|rejection| refusal(&rejection))?;
    let by_card = card::admit(&card, trust, means, finding)?;
    Ok(format!("the card's phone answered; of the card, {by_card}"))
}

fn about_card(finding: &mut Finding, id: CardId, card: Option<&UnverifiedCard>) {
    match card {
        Some(card) => card::claims(finding, card.claims()),
        None => finding.claim("card", id),
    }
}

/// Shows when a code claims to be on the screen.
pub(super) fn shown_at(finding: &mut Finding, step: Step) {
    let at_s = i64::from(step.0) * (STEP_MS / 1000);
    let shown = format!("{}, for 15 seconds", local_time(at_s));
    finding.claim_as("shown_at", shown, json!(local_time(at_s)));
}

fn needs_holder() -> Verdict {
    Verdict::not_verified(
        "it brings no card along: give --holder, the phone's key as the card or the roster has it",
    )
}

fn refusal(rejection: &ProofRejection) -> Verdict {
    if let ProofRejection::Card(rejection) = rejection {
        card::refusal(rejection)
    } else {
        Verdict::refused(rejection.code(), rejection)
    }
}
