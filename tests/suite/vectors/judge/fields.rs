//! The form of events, and corrections.

use attendance::{CorrectionRejection, Event, Field, FormRejection};
use seal::Hash;
use serde_json::json;

use super::{Found, Inputs, MALFORMED, OTHER, Told, hex};

impl Inputs<'_> {
    pub(super) fn event_form(&self) -> Told {
        self.payload("event")?.verify_form().map_err(of_form)
    }

    pub(super) fn correction(&self) -> Found {
        let event = self.payload("event")?;
        let correction = self.payload("correction")?;
        let hash = Hash::from_hex(self.text("hash")).expect("a hash");
        let corrected = event.corrected_by(hash, &correction).map_err(|why| match why {
            CorrectionRejection::AboutAnother => "about_another".to_owned(),
            CorrectionRejection::KindNotCorrectable { .. } => "kind_not_correctable".to_owned(),
            CorrectionRejection::FieldNotCorrectable { .. } => "field_not_correctable".to_owned(),
            CorrectionRejection::Form(form) => of_form(form),
            _ => OTHER.to_owned(),
        })?;
        Ok(json!(hex(corrected.to_bytes())))
    }

    fn payload(&self, name: &str) -> Result<Event, String> {
        Event::parse(&self.bytes(name)).map_err(|_| MALFORMED.to_owned())
    }
}

fn of_form(why: FormRejection) -> String {
    match why {
        FormRejection::Missing { field, .. } => format!("missing_{}", name(field)),
        FormRejection::Unused { field, .. } => format!("unused_{}", name(field)),
        FormRejection::CorrectsNothing => "corrects_nothing".to_owned(),
        _ => OTHER.to_owned(),
    }
}

fn name(field: Field) -> &'static str {
    match field {
        Field::Child => "child",
        Field::Voucher => "voucher",
        Field::Lesson => "lesson",
        Field::Provider => "provider",
        Field::Method => "method",
        Field::Card => "card",
        Field::Reason => "reason",
        Field::About => "about",
        Field::Month => "month",
        Field::Amount => "amount",
        Field::Document => "document",
        Field::Place => "place",
        Field::Proof => "proof",
        Field::Absence => "absence",
        Field::AbsenceDocument => "absence_document",
        Field::Headcount => "headcount",
        Field::Anchor => "anchor",
        Field::Subject => "subject",
        Field::Revocation => "revocation",
        Field::Ticket => "ticket",
        Field::Verdict => "verdict",
        Field::Finding => "finding",
        Field::Cancellation => "cancellation",
        Field::MovedTo => "moved_to",
        Field::Group => "group",
        Field::FromDay => "from_day",
        Field::Ground => "ground",
        Field::Cause => "cause",
        Field::Evidence => "evidence",
        Field::Decision => "decision",
    }
}
