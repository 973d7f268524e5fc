//! The server's signed time, as a device puts it into its chain.
#![no_main]

use attendance::TimeAnchor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(anchor) = seal::from_canonical::<TimeAnchor>(data) {
        assert_eq!(seal::to_canonical(&anchor), data);
    }
    let Ok(envelope) = seal::Sign1::parse(data) else { return };
    assert_eq!(envelope.to_bytes(), data);
    let payload = envelope.unverified_payload();
    if let Ok(anchor) = seal::from_canonical::<TimeAnchor>(payload) {
        assert_eq!(seal::to_canonical(&anchor), payload);
    }
});
