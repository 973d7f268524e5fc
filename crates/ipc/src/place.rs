//! What a parent's screen shows of a place that is offered to a child.

use serde::{Deserialize, Serialize};

use crate::visit::Mark;

/// How it stands with a child's place.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceState {
    /// The voucher is in force, and no place is offered.
    Waiting,
    /// A place is offered: the family answers.
    Offered,
    /// The time to answer, or to sign, is over.
    Missed,
    /// The place is taken; the contract is to be signed.
    Booked,
    /// The contract is signed.
    Contracted,
}

impl PlaceState {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] =
        &[Self::Waiting, Self::Offered, Self::Missed, Self::Booked, Self::Contracted];
}

/// What a family answers to an offered place.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceAnswer {
    /// It takes the place.
    Accept,
    /// It gives up what is offered or booked.
    Decline,
}

/// Shows a child's voucher and its place: the server's word, and what this device answered since.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PlaceView {
    /// The voucher's id.
    pub voucher: String,
    /// Its printed number.
    pub number: String,
    /// The child's name.
    pub child: String,
    /// How it stands.
    pub state: PlaceState,
    /// The club whose place it is.
    pub provider: Option<String>,
    /// Its group.
    pub group: Option<String>,
    /// The last day to answer, or to sign the contract, `2026-09-28`.
    pub until: Option<String>,
    /// The working days that are left after today.
    pub days_left: u32,
    /// What this device answered and the server has not told of yet.
    pub answered: Option<PlaceAnsweredView>,
    /// True if the last answer since the newest offer changed nothing: it came too late, mostly.
    pub not_taken: bool,
    /// When the server said it.
    pub as_of_ms: i64,
}

impl PlaceView {
    /// Tells whether an answer can be given now: an offer is taken or declined, a booked place given up.
    /// What was answered and is on its way is not answered twice, but a place that was taken may be given
    /// up at once.
    #[must_use]
    pub fn takes(&self, answer: PlaceAnswer) -> bool {
        let taken = self.answered.map(|answered| answered.answer);
        match (self.state, taken, answer) {
            (PlaceState::Offered, None, _) => true,
            (PlaceState::Booked, None, PlaceAnswer::Decline)
            | (PlaceState::Offered, Some(PlaceAnswer::Accept), PlaceAnswer::Decline) => true,
            (_, _, _) => false,
        }
    }
}

/// Shows an answer on its way.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlaceAnsweredView {
    /// What was answered.
    pub answer: PlaceAnswer,
    /// How far it has come.
    pub mark: Mark,
}
