//! Identities of other schemes, read as an import: MOSIP Claim 169 and HC1-style health certificates.
//!
//! Such a text names a person in a Base45 QR Code: zlib, `COSE_Sign1`, CBOR Web Token. It may save
//! typing when a family is enrolled. It is no card: it gives no right to a visit and opens no door.
//!
//! Absent on purpose: storage, network, clocks, and any way to write such a text. **Photographs,
//! biometrics, health records, addresses and whatever else an attendance programme has no use for are
//! dropped by parsing**; only their names are told ([`Claims::dropped`]). What is kept never shows
//! itself: [`Personal`] has to be asked.
//!
//! # Invariants
//! - A [`VerifiedIdentity`] exists only where a key that was handed in made the signature, and only
//!   for the issuer that this key was handed in for.
//! - An Ed25519 signature is decided by [`seal::PublicKey::verify`], as everywhere. P-256 is decided
//!   here and counts nowhere else.
//! - Whatever is read is bounded: 2 000 characters, 8 kB unpacked, 8 levels, no key twice, nothing
//!   after the end. Indefinite lengths are refused in the envelope. In the claims they are read for
//!   arrays and maps, since issuers of these schemes write them.
//! - Nothing that comes from outside panics.
//!
//! Start at [`UnverifiedIdentity::parse`].
//!
//! ```
//! use identity::{IdentityKeys, UnverifiedIdentity};
//!
//! let keys = IdentityKeys::parse("# one key a line\n\
//!     ed25519 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a https://id.example")?;
//! assert_eq!(keys.issuers().count(), 1);
//! let refused = UnverifiedIdentity::parse("https://example.org", &keys).unwrap_err();
//! assert_eq!(refused.code(), "malformed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod cbor;
mod claims;
mod cose;
mod inflate;
mod keys;
mod personal;
mod rejection;
mod text;
mod unverified;

pub use claims::{Claims, Field, Scheme};
pub use keys::{IdentityKeys, KeysRejection};
pub use personal::Personal;
pub use rejection::IdentityRejection;
pub use unverified::{UnverifiedIdentity, VerifiedIdentity};
