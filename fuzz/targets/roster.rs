//! A signed roster, and a piece of a packed one.
#![no_main]

use attendance::Roster;
use libfuzzer_sys::fuzz_target;
use sync_api::RosterPiece;

fuzz_target!(|data: &[u8]| {
    if let Ok(piece) = RosterPiece::parse(data) {
        assert_eq!(piece.to_bytes(), data);
    }
    let Ok(roster) = Roster::parse_kept(data) else { return };
    let envelope = seal::Sign1::parse(data).expect("a roster is an envelope");
    assert_eq!(roster.to_bytes(), envelope.unverified_payload());
});
