//! How much dearer a receipt is than the one signature it has: from a log of a million leaves.
//!
//! `cargo bench -p tlog`. All are measured in turns in the same run; the last column is the ratio
//! to a bare verification, so that the speed of the machine does not matter. The target for one
//! receipt is 1.5.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use seal::{Hash, Signer, SoftwareKey};
use tlog::{
    BatchReceipt, LeafRange, MemoryTree, Receipt, leaf_hash, prove_batch, prove_inclusion,
    salted_leaf,
};

const SIZE: u64 = 1 << 20;
const BATCH: LeafRange = LeafRange { start: 700_001, count: 600 };
const ROUNDS: usize = 400;

fn main() {
    let log_key = SoftwareKey::from_seed(&[1; 32]);
    let (key, data) = (log_key.public_key(), all_leaf_data());
    let tree: MemoryTree = data.iter().map(|data| leaf_hash(data.as_ref())).collect();
    let root = tree.root();

    let proof = prove_inclusion(BATCH.start, SIZE, &tree).expect("all nodes");
    let receipt = Receipt::issue(&log_key, &proof, root).expect("a key");
    let proof = prove_batch(&[BATCH], SIZE, &tree).expect("all nodes");
    let batch = BatchReceipt::issue(&log_key, &proof, root).expect("a key");
    let leaves: Vec<Hash> =
        proof.indices().map(|index| data[usize::try_from(index).expect("a million")]).collect();
    let message = seal::Sign1::sig_structure(&[0; 13], &[], root.as_bytes());
    let signature = log_key.sign(&message).expect("a key");

    let mut rows = [
        Row::new("bare verification", 64, || key.verify(&message, &signature).is_ok()),
        Row::new("receipt of one leaf", receipt.len(), || {
            Receipt::parse(&receipt).is_ok_and(|one| one.verify(&key, &leaves[0]).is_ok())
        }),
        Row::new("receipt of 600 leaves", batch.len(), || {
            BatchReceipt::parse(&batch).is_ok_and(|all| all.verify(&key, &leaves).is_ok())
        }),
        Row::new("600 leaves, split", batch.len(), || {
            BatchReceipt::parse(&batch).is_ok_and(|all| all.split(&key, &leaves).is_ok())
        }),
    ];
    for _ in 0..ROUNDS {
        rows.iter_mut().for_each(Row::measure);
    }
    println!("Median of {ROUNDS} verifications, parsing included, in a log of {SIZE} leaves.");
    println!("{:<24}{:>8}{:>12}{:>10}", "", "bytes", "time", "ratio");
    let bare = rows[0].median().as_secs_f64();
    for row in &mut rows {
        let (median, bytes) = (row.median(), row.bytes);
        let ratio = median.as_secs_f64() / bare;
        println!("{:<24}{bytes:>8}{:>12}{ratio:>10.2}", row.name, format!("{median:.1?}"));
    }
}

fn all_leaf_data() -> Vec<Hash> {
    (0..SIZE).map(|n| salted_leaf(&u128::from(n).to_be_bytes(), b"an event")).collect()
}

/// One row of the table.
struct Row<'a> {
    name: &'static str,
    bytes: usize,
    verify: Box<dyn Fn() -> bool + 'a>,
    times: Vec<Duration>,
}

impl<'a> Row<'a> {
    fn new(name: &'static str, bytes: usize, verify: impl Fn() -> bool + 'a) -> Self {
        Self { name, bytes, verify: Box::new(verify), times: Vec::new() }
    }

    fn measure(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
        let start = Instant::now();
        assert!(black_box((self.verify)()), "{} is refused", self.name);
        self.times.push(start.elapsed());
    }

    fn median(&mut self) -> Duration {
        self.times.sort_unstable();
        self.times[self.times.len() / 2]
    }
}
