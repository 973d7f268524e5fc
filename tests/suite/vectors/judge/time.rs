//! Time anchors and the intervals of events.

use attendance::{
    AnchorFault, AnchorRejection, Bound, ClockParams, DeviceId, Event, EventTime, Reach, Timeline,
    VerifiedAnchor,
};
use serde_json::{Value, json};

use super::{BAD_SIGNATURE, Found, Inputs, MALFORMED, OTHER, Told, UNKNOWN_KEY, UNKNOWN_VERSION};

impl Inputs<'_> {
    pub(super) fn anchor(&self) -> Told {
        let device = DeviceId::from_slice(&self.bytes("device")).expect("a device's id");
        let anchor = VerifiedAnchor::parse_and_verify(&self.bytes("anchor"), &self.trust(), device);
        anchor.map(drop).map_err(|why| of_anchor(&why).to_owned())
    }

    pub(super) fn timeline(&self) -> Found {
        let chain = self.chain()?;
        let events: Vec<&Event> = chain.iter().map(attendance::ChainedEvent::event).collect();
        let fast_ppm = u32::try_from(self.number("fast_ppm")).expect("small");
        let arrival_ms = self.input("arrival_ms").map(|_| self.number("arrival_ms"));
        let params = ClockParams { fast_ppm };
        let found = Timeline::derive_from(events, &self.trust(), params, arrival_ms);
        Ok(json!({
            "events": found.events.iter().map(interval).collect::<Vec<_>>(),
            "faults": found.faults.iter().map(fault).collect::<Vec<_>>(),
        }))
    }
}

fn of_anchor(why: &AnchorRejection) -> &'static str {
    match why {
        AnchorRejection::TooLong | AnchorRejection::Envelope(_) | AnchorRejection::Payload(_) => {
            MALFORMED
        }
        AnchorRejection::UnknownVersion { .. } => UNKNOWN_VERSION,
        AnchorRejection::UnknownKey { .. } => UNKNOWN_KEY,
        AnchorRejection::BadSignature { .. } => BAD_SIGNATURE,
        AnchorRejection::WrongDevice { .. } => "wrong_device",
        _ => OTHER,
    }
}

fn interval(time: &EventTime) -> Value {
    json!({
        "not_before": end(&time.lower),
        "not_after": end(&time.upper),
        "wall_jump_ms": time.wall_jump_ms,
    })
}

fn end(bound: &Bound) -> Value {
    let how = match bound {
        Bound::Open => "open",
        Bound::Arrival { .. } => "arrival",
        Bound::Anchor { reach, .. } => match reach {
            Reach::Ran { .. } => "ran",
            Reach::Rebooted => "rebooted",
            Reach::WentBack => "went_back",
            Reach::Contradicted => "contradicted",
        },
    };
    json!([bound.at_ms(), how])
}

fn fault(fault: &AnchorFault) -> Value {
    match fault {
        AnchorFault::Refused { seq, why } => {
            json!({"refused": seq, "why": why.as_ref().map(of_anchor)})
        }
        AnchorFault::OtherHistory { seq } => json!({"other_history": seq}),
        _ => json!(OTHER),
    }
}
