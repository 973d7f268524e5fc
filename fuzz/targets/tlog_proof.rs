//! A proof as text (C2SP tlog-proof).
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{InclusionProof, TlogProof};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(proof) = TlogProof::parse(text) else { return };
    assert_eq!(proof.to_string(), text);
    let Ok(leaf) = proof.salted_leaf_hash(data) else { return };
    for size in [1, proof.index.saturating_add(1), tlog::SIZE_MAX, u64::MAX] {
        let (index, path) = (proof.index, proof.path.clone());
        let _root = InclusionProof { index, size, path }.root_of(leaf);
    }
});
