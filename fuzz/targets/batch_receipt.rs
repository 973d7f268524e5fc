//! A receipt of many leaves, and the evidence of two histories.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{BatchReceipt, TwoHistories};

fuzz_target!(|data: &[u8]| {
    if let Ok(receipt) = BatchReceipt::parse(data) {
        assert_eq!(receipt.to_bytes(), data);
    }
    if let Ok(evidence) = TwoHistories::from_bytes(data) {
        assert_eq!(evidence.to_bytes(), data);
    }
});
