//! A receipt of the log (RFC 9942).
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::Receipt;

fuzz_target!(|data: &[u8]| {
    let Ok(receipt) = Receipt::parse(data) else { return };
    assert_eq!(receipt.to_bytes(), data);
    // Whatever its numbers: a root is computed or refused.
    let _root = receipt.unverified_proof().root_of(seal::sha256(data));
});
