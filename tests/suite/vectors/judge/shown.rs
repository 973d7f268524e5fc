//! What a scanner reads: rotating codes, challenges, answers.

use attendance::{
    CardId, ChildId, Holder, STEP_MS, Shown, StepWindow, UnverifiedAnswer, UnverifiedChallenge,
    UnverifiedRotating, VerifiedCertificate, VerifiedChallenge,
};
use serde_json::json;

use super::{Found, Inputs, hex};

impl Inputs<'_> {
    pub(super) fn shown(&self) -> Found {
        let shown = Shown::parse(self.text("text")).map_err(|why| why.code().to_owned())?;
        Ok(json!(match shown {
            Shown::Card(_) => "card",
            Shown::Rotating(_) => "rotating",
            Shown::Challenge(_) => "challenge",
            Shown::Answer(_) => "answer",
            _ => "another",
        }))
    }

    pub(super) fn rotating(&self) -> Found {
        let code = match self.input("text") {
            Some(_) => UnverifiedRotating::parse(self.text("text")),
            None => UnverifiedRotating::parse_bytes(&self.bytes("bytes")),
        };
        let (now_ms, window) = (self.number("now_ms"), self.window());
        let trust = || self.trust();
        let verified = code.and_then(|code| match (self.holder(), self.child()) {
            (Some(holder), _) => code.verify(&holder, now_ms, window),
            (None, Some(child)) => {
                code.verify_with_certificate(&trust(), child, now_ms, window).map(|(_, code)| code)
            }
            (None, None) => code.verify_with_card(&trust(), now_ms, window).map(|(_, code)| code),
        });
        let verified = verified.map_err(|why| why.code().to_owned())?;
        let claims = verified.claims();
        Ok(json!({
            "card": hex(claims.card.0),
            "step": claims.step.0,
            "nonce": hex(claims.nonce),
            "replay_key": verified.replay_key().to_string(),
        }))
    }

    pub(super) fn challenge(&self) -> Found {
        let challenge = match self.input("text") {
            Some(_) => UnverifiedChallenge::parse(self.text("text")),
            None => UnverifiedChallenge::parse_bytes(&self.bytes("bytes")),
        };
        let (now_ms, window) = (self.number("now_ms"), self.window());
        let verified = challenge.and_then(|it| it.verify(&self.device(), now_ms, window));
        let verified = verified.map_err(|why| why.code().to_owned())?;
        let claims = verified.claims();
        Ok(json!({
            "device": hex(claims.device.0),
            "lesson": hex(claims.lesson.0),
            "step": claims.step.0,
            "nonce": hex(claims.nonce),
            "hash": verified.hash().to_string(),
        }))
    }

    pub(super) fn answer(&self) -> Found {
        let answer = match self.input("text") {
            Some(_) => UnverifiedAnswer::parse(self.text("text")),
            None => UnverifiedAnswer::parse_bytes(&self.bytes("bytes")),
        };
        let (now_ms, window) = (self.number("now_ms"), self.window());
        let asked = self.own_challenge();
        let verified = answer.and_then(|answer| match self.holder() {
            Some(holder) => answer.verify(&holder, &asked, now_ms, window),
            None => answer
                .verify_with_card(&self.trust(), &asked, now_ms, window)
                .map(|(_, answer)| answer),
        });
        let verified = verified.map_err(|why| why.code().to_owned())?;
        let claims = verified.claims();
        Ok(json!({
            "card": hex(claims.card.0),
            "challenge": claims.challenge.to_string(),
            "replay_key": verified.replay_key().to_string(),
        }))
    }

    /// The roster's card and key, if the case has them.
    fn holder(&self) -> Option<Holder> {
        self.input("key")?;
        let card = CardId::from_slice(&self.bytes("card")).expect("a card's id");
        Some(Holder { card, key: self.key() })
    }

    /// The child whose card it is by the roster, if the case has it.
    fn child(&self) -> Option<ChildId> {
        self.input("child")?;
        Some(ChildId::from_slice(&self.bytes("child")).expect("a child's id"))
    }

    fn window(&self) -> StepWindow {
        let number = |name| u32::try_from(self.number(name)).expect("small");
        StepWindow { steps: number("steps"), skew_s: number("skew_s") }
    }

    fn device(&self) -> VerifiedCertificate {
        let certificate = self.bytes("certificate");
        VerifiedCertificate::verify_for_audit(&certificate, &self.trust()).expect("a good one")
    }

    /// A challenge of the tablet itself, which therefore holds.
    fn own_challenge(&self) -> VerifiedChallenge {
        let challenge = UnverifiedChallenge::parse_bytes(&self.bytes("challenge"));
        let challenge = challenge.expect("a challenge");
        let then_ms = i64::from(challenge.claims().step.0) * STEP_MS;
        let exact = StepWindow { steps: 0, skew_s: 0 };
        challenge.verify(&self.device(), then_ms, exact).expect("the tablet's own")
    }
}
