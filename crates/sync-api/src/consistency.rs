//! That the log only grew between two sizes.

use serde::{Deserialize, Serialize};

use crate::bytes::HexHash;

/// `GET /v1/consistency/{from}/{to}`: that the first `to` leaves begin with the first `from` ones.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConsistencyResponse {
    /// Number of leaves of the earlier tree.
    pub from: u64,
    /// Number of leaves of the later tree.
    pub to: u64,
    /// Root of the earlier tree, as this log has it. A proof does not carry it; where it is another
    /// than the one asked about, the two signed checkpoints and this proof are evidence.
    pub root: HexHash,
    /// The hashes, in the order of RFC 9162 §2.1.4.1.
    pub path: Vec<HexHash>,
}
