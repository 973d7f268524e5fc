//! The hashes of the tree ([RFC 6962 §2.1], [RFC 9162 §2.1.1]).
//!
//! [RFC 6962 §2.1]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1
//! [RFC 9162 §2.1.1]: https://www.rfc-editor.org/rfc/rfc9162#section-2.1.1

use seal::{Hash, sha256, sha256_of};

/// Hashes a leaf's data: `SHA-256(0x00 ‖ data)`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256_of(&[&[0x00], data])
}

/// Hashes an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    sha256_of(&[&[0x01], &left.0, &right.0])
}

/// Gives the root of the empty tree: the SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// Commits to `bytes` under a salt: `SHA-256(salt ‖ bytes)`. The result is a leaf's *data*; the tree
/// holds [`leaf_hash`] of it. Without the salt nobody can tell what a leaf commits to.
///
/// Leaves are made this way; changing it orphans every receipt.
#[must_use]
pub fn salted_leaf(salt: &[u8; 16], bytes: &[u8]) -> Hash {
    sha256_of(&[salt, bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_the_known_trees_of_no_and_of_one_leaf() {
        // The empty leaf of certificate-transparency's reference tests.
        let one = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert_eq!(leaf_hash(b"").to_string(), one);
        let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty_root().to_string(), none);
    }

    #[test]
    fn a_leaf_is_never_a_node() {
        let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
        assert_ne!(leaf_hash(&[a.0, b.0].concat()), node_hash(a, b));
        assert_ne!(node_hash(a, b), node_hash(b, a));
    }
}
