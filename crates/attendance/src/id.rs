//! Identifiers: fixed byte strings, shown in lower-case hexadecimal. None is derived from an IIN.

use core::fmt;
use core::str::FromStr;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// The text is not an identifier of this length in hexadecimal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits")]
pub struct IdError {
    /// How many digits the identifier has.
    pub expected: usize,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($len:literal);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Decode, Default, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cbor(transparent)]
        pub struct $name(#[cbor(with = "minicbor::bytes")] pub [u8; $len]);

        impl $name {
            /// Takes the identifier from a slice of exactly the right length.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// Gives the raw bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut out = [0u8; $len];
                read_hex(text, &mut out).ok_or(IdError { expected: $len * 2 })?;
                Ok(Self(out))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// Names one card; a reissued card gets another.
    CardId(8);
    /// Names a child inside the programme: random, not derivable from the IIN.
    ChildId(12);
    /// Names a device: the first 8 bytes of the SHA-256 of its public key.
    DeviceId(8);
    /// Names a group of a provider.
    GroupId(8);
    /// Names one planned lesson of a group.
    LessonId(8);
    /// Names a provider.
    ProviderId(8);
    /// Names a voucher.
    VoucherId(8);
    /// Names one run of a device's operating system, for the monotonic clock.
    BootId(8);
}

impl DeviceId {
    /// Derives the id of the device that holds `key`.
    #[must_use]
    pub fn derive_from(key: &seal::PublicKey) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = seal::sha256(&key.to_bytes()).0;
        Self([a, b, c, d, e, f, g, h])
    }
}

impl LessonId {
    /// Derives the id of the lesson of `group` that is planned to start at `start_ms`
    /// (milliseconds since 1970-01-01T00:00Z): every device names a lesson alike, without asking.
    #[must_use]
    pub fn derive_from(group: GroupId, start_ms: i64) -> Self {
        let hash = seal::sha256_of(&[b"qatysu/lesson/1", &group.0, &start_ms.to_be_bytes()]);
        let [a, b, c, d, e, f, g, h, ..] = hash.0;
        Self([a, b, c, d, e, f, g, h])
    }
}

fn read_hex(text: &str, out: &mut [u8]) -> Option<()> {
    if text.len() != out.len() * 2 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = core::str::from_utf8(pair).ok()?;
        if pair.starts_with('+') {
            return None;
        }
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(())
}
