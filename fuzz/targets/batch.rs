//! A batch of events, as the server takes it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_api::Batch;

fuzz_target!(|data: &[u8]| {
    if let Ok(batch) = Batch::parse(data) {
        assert_eq!(batch.to_bytes(), data);
    }
});
