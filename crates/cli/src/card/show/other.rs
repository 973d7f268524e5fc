//! What a scanner may meet besides: short codes, tickets, receipts, links, and damaged texts.

use attendance::{
    ANSWER_PREFIX, CARD_PREFIX, CHALLENGE_PREFIX, CardRejection, ROTATING_PREFIX, ShortCode,
    ShownRejection,
};
use sync_api::{RECEIPT_FORMAT, Ticket, TicketError};

use super::finding::{Finding, Verdict};

/// Says what a typed code is. It carries no signature, so that nothing can be verified.
pub(super) fn short_code(text: &str) -> Finding {
    let mut finding = Finding::of("short_code", "The short code that is printed under a card.");
    match ShortCode::parse(text) {
        Ok(code) => {
            finding.claim("code", code);
            finding.judged(Err(Verdict::not_verified(
                "a code carries no signature: type it at the door, where the roster says whose \
                 card it is; the mark counts as one by hand",
            )))
        }
        Err(rejection) => finding.refused("code_mistyped", rejection),
    }
}

/// Knows what is of this product, or of its logs, and is not shown at a door.
pub(super) fn recognise(text: &str) -> Option<Finding> {
    match Ticket::parse(text) {
        Ok(ticket) => return Some(enrolment(&ticket)),
        Err(TicketError::Foreign) => {}
        Err(rejection) => {
            let finding = Finding::of("enrolment_ticket", "A ticket that enrols a device.");
            return Some(finding.refused("malformed", rejection));
        }
    }
    let text = text.trim();
    let receipt =
        text.starts_with(PROOF_BEGINS) || (text.starts_with('{') && text.contains(RECEIPT_FORMAT));
    receipt.then(|| {
        Finding::of("receipt", "A receipt of the log: it proves a visit.").refused(
            "not_a_card",
            "a receipt is not shown at the door: keep it as a file and run \
             `qatysu receipt verify FILE --trust DIR`",
        )
    })
}

/// Never tells the secret: whoever has it can enrol a device.
fn enrolment(ticket: &Ticket) -> Finding {
    let mut finding = Finding::of("enrolment_ticket", "A ticket that enrols a device.");
    let address: String = ticket.server.chars().filter(|c| !c.is_control()).collect();
    finding.claim("server", address);
    finding.claim("roots", ticket.roots);
    finding.refused(
        "not_a_card",
        "a ticket is no card: scan it on the new device, once and within ten minutes, and show it \
         to nobody else",
    )
}

/// Says why a text could not be read as what its beginning promises.
pub(super) fn unread(text: &str, rejection: &ShownRejection) -> Finding {
    let text = text.trim_start();
    let begins = |prefix: &str| text.starts_with(prefix);
    let finding = if begins(CARD_PREFIX) {
        Finding::of("card", "A card, but damaged.")
    } else if begins(ROTATING_PREFIX) {
        Finding::of("rotating", "A rotating code of a phone, but damaged.")
    } else if begins(ANSWER_PREFIX) {
        Finding::of("answer", "A phone's answer to a tablet, but damaged.")
    } else if begins(CHALLENGE_PREFIX) {
        Finding::of("challenge", "A tablet's question to a phone, but damaged.")
    } else if *rejection == ShownRejection::Card(CardRejection::UnknownVersion) {
        return newer();
    } else if begins("http://") || begins("https://") {
        Finding::of("link", "A web link. It was not followed.")
    } else {
        Finding::of("other", "A text that is not of this programme.")
    };
    finding.refused(rejection.code(), rejection)
}

/// Says that a text is ours and newer than this program.
pub(super) fn newer() -> Finding {
    let rejection = CardRejection::UnknownVersion;
    let finding = Finding::of("newer", "A text of this programme, newer than this program.");
    finding.refused(rejection.code(), rejection)
}

/// Begins a proof of the C2SP form `tlog-proof`.
const PROOF_BEGINS: &str = "c2sp.org/tlog-proof@";
