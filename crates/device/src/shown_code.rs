//! What a family's phone shows at the door: a rotating code of each own child, and the paper card. A
//! delegate's phone shows the codes of the children entrusted to it.

use attendance::{
    Action, CardId, ChildId, LeafKind, RosterChild, RotatingClaims, RotatingCode, STEP_MS, Scope,
    ShortCode, Step, UnverifiedCard, UnverifiedRotating,
};

use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::record::RecordError;
use crate::store;

/// A code for the screen of a family's phone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownCode {
    /// The text of the QR.
    pub text: String,
    /// How long the phone shows it before the next one, milliseconds.
    pub left_ms: u64,
}

/// A child's card as it is printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaperCard {
    /// The text of the QR.
    pub text: String,
    /// What stands under it, to be typed.
    pub code: ShortCode,
}

impl Device {
    /// Lists the children of a family's device, or of a delegate's, by its roster, each once.
    #[must_use]
    pub fn own_children(&self) -> Vec<RosterChild> {
        let Some(enrolled) = &self.enrolled else { return Vec::new() };
        let own = enrolled.certificate().children.iter();
        own.filter_map(|child| self.roster.as_ref()?.child(*child, None)).cloned().collect()
    }

    /// Signs the code of an own child for this moment, by the best known time. It brings along what a
    /// teacher's device needs to know this phone: the child's card where the issuer put this phone's key
    /// into it, else this device's certificate. `nonce` is drawn by chance for each code.
    ///
    /// Nothing is written.
    ///
    /// # Errors
    /// [`RecordError::ChildUnknown`] for a child that is not an own one or not on the roster, and the
    /// others.
    pub fn rotating_code(&self, child: ChildId, nonce: [u8; 4]) -> Result<ShownCode, RecordError> {
        let enrolled = self.presenting()?;
        let row = self.own_children().into_iter().find(|row| row.id == child);
        let card = row.ok_or(RecordError::ChildUnknown)?.card;
        let now_ms = self.best_now_ms()?;
        let step = Step::at(now_ms).ok_or(RecordError::NoStep)?;
        let signer = &*self.identity.signer;
        let code = RotatingCode::sign(signer, RotatingClaims { card, step, nonce })?;
        let key = self.identity.key.to_bytes();
        let held = self.card_of(child, card)?.filter(|held| held.claims().holder == Some(key));
        let with_card = held.and_then(|held| code.text_with(&held).ok());
        let text =
            with_card.unwrap_or_else(|| code.text_with_certificate(enrolled.certificate_bytes()));
        // With a very long certificate no teacher's device would read it.
        UnverifiedRotating::parse(&text).map_err(|_| RecordError::CodeTooLong)?;
        let left_ms = STEP_MS.saturating_sub(now_ms.rem_euclid(STEP_MS)).unsigned_abs();
        Ok(ShownCode { text, left_ms })
    }

    /// Gives the current paper card of an own child, once its leaf of the log is here.
    ///
    /// # Errors
    /// [`RecordError`] if this is no family's device or the database cannot be read.
    pub fn paper_card(&self, child: ChildId) -> Result<Option<PaperCard>, RecordError> {
        self.presenting()?;
        let Some(row) = self.own_children().into_iter().find(|row| row.id == child) else {
            return Ok(None);
        };
        let held = self.card_of(child, row.card)?;
        Ok(held.map(|held| PaperCard {
            text: held.to_text(),
            code: ShortCode::derive_from(held.claims().card),
        }))
    }

    /// Gives the enrolment of a device that shows codes: a parent's, or a delegate's.
    fn presenting(&self) -> Result<&Enrolled, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let presents = enrolled.certificate().permitted(Action::PresentChild) == Scope::OwnChild;
        if presents { Ok(enrolled) } else { Err(RecordError::NotAllowed) }
    }

    /// Finds a card of an own child among the proven leaves.
    fn card_of(&self, child: ChildId, card: CardId) -> Result<Option<UnverifiedCard>, RecordError> {
        let Some(enrolled) = &self.enrolled else { return Ok(None) };
        let leaves = store::own_leaf::of_child(&self.db, enrolled.origin(), child)?;
        let cards = leaves.into_iter().rev().filter_map(|leaf| leaf.held);
        let mut cards = cards
            .filter(|held| held.kind == LeafKind::Card)
            .filter_map(|held| UnverifiedCard::parse_bytes(&held.bytes).ok());
        Ok(cards.find(|held| held.claims().card == card && held.claims().child == child))
    }
}
