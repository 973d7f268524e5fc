//! An enrolment ticket and a short code: what a person types or a QR carries.
#![no_main]

use attendance::ShortCode;
use libfuzzer_sys::fuzz_target;
use sync_api::Ticket;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(ticket) = Ticket::parse(text) {
        assert_eq!(ticket.to_text(), text.trim());
    }
    if let Ok(code) = ShortCode::parse(text) {
        assert_eq!(ShortCode::parse(&code.to_string()), Ok(code));
    }
});
