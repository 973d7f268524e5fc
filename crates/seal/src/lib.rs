//! The signature rule and the signed envelope: SHA-256, Ed25519, `COSE_Sign1`, multi-signer `COSE_Sign`.
//!
//! Absent on purpose: storage, clocks, randomness, and any idea of what a payload means. A private
//! key is never made here; it is handed in as 32 bytes ([`SoftwareKey`]) or stays behind [`Signer`].
//!
//! # Invariants
//! - [`PublicKey::verify`], and [`PublicKey::verify_pieces`] for what is too large for one place, are the
//!   only functions of the product that decide about a signature. The first is ed25519-dalek's
//!   `verify_strict`, the second says the same of every vector; batch verification is not used anywhere.
//! - A [`PublicKey`] is never of small order: such keys are refused when they are parsed.
//! - Envelopes are deterministic CBOR ([RFC 8949 §4.2]): what parses re-encodes to the same bytes.
//! - Each kind of payload has its own [`Domain`], which enters the signature as COSE external data
//!   ([RFC 9052 §4.4]) and is not sent: a signature made for one kind never verifies for another.
//!
//! Start at [`Sign1`], then [`MultiSigned`].
//!
//! [RFC 8949 §4.2]: https://www.rfc-editor.org/rfc/rfc8949#section-4.2
//! [RFC 9052 §4.4]: https://www.rfc-editor.org/rfc/rfc9052#section-4.4
#![forbid(unsafe_code)]

mod canonical;
mod hash;
mod key;
mod multi;
mod sign1;

pub use canonical::{CanonicalError, from_canonical, to_canonical};
pub use hash::{Digest, Hash, sha256, sha256_of};
pub use key::{
    BadSignature, KeyId, KeyRejection, PublicKey, SignError, Signature, Signer, SoftwareKey,
};
pub use multi::{MultiSigned, MultiSignedBuilder};
pub use sign1::{Domain, EnvelopeError, Sign1, Sign1View};
