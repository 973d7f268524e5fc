//! The keys that somebody decided to trust for identities of other schemes. They count for nothing
//! else.

use core::fmt;

use p256::ecdsa::VerifyingKey;
use p256::ecdsa::signature::Verifier as _;
use seal::{PublicKey, Signature};

/// Why a file of identity keys was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "line {line} of the identity keys is {what}: write ALGORITHM KEY ISSUER, the key in hexadecimal"
)]
pub struct KeysRejection {
    /// Which line, from 1.
    pub line: usize,
    what: &'static str,
}

/// Holds the trusted keys: of issuers, each for one issuer, and those that open encrypted identities.
#[derive(Clone, Debug, Default)]
pub struct IdentityKeys {
    issuers: Vec<IssuerKey>,
    content: Vec<ContentKey>,
}

impl IdentityKeys {
    /// Parses a key a line: algorithm (`ed25519`, `es256`, `a256gcm`), key in hexadecimal, and for the
    /// first two the issuer as the identities name it. Lines that begin with `#` are remarks.
    ///
    /// # Errors
    /// [`KeysRejection`] names the first line that is none of these.
    pub fn parse(text: &str) -> Result<Self, KeysRejection> {
        let mut keys = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                keys.add(line).map_err(|what| KeysRejection { line: number + 1, what })?;
            }
        }
        Ok(keys)
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let mut words = line.splitn(3, char::is_whitespace).map(str::trim);
        let algorithm = words.next().unwrap_or_default();
        let key = words.next().and_then(from_hex).ok_or("without a key in hexadecimal")?;
        let issuer = words.next().filter(|issuer| !issuer.is_empty());
        let key = match (algorithm, issuer) {
            ("a256gcm", None) => {
                let key = key.try_into().map_err(|_| "no key of 32 bytes")?;
                self.content.push(ContentKey(key));
                return Ok(());
            }
            ("ed25519", Some(_)) => {
                Key::Ed25519(PublicKey::parse(&key).map_err(|_| "no Ed25519 key, or a weak one")?)
            }
            ("es256", Some(_)) => {
                Key::P256(VerifyingKey::from_sec1_bytes(&key).map_err(|_| "no P-256 key")?)
            }
            ("ed25519" | "es256", None) => return Err("without an issuer"),
            _ => return Err("of an unknown form"),
        };
        let issuer = issuer.unwrap_or_default().to_owned();
        self.issuers.push(IssuerKey { issuer, key });
        Ok(())
    }

    /// Names the issuers, once for each of their keys.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.issuers.iter().map(|key| &*key.issuer)
    }

    pub(crate) fn of_issuer(&self, issuer: &str) -> impl Iterator<Item = &IssuerKey> {
        self.issuers.iter().filter(move |key| key.issuer == issuer)
    }

    pub(crate) fn content(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.content.iter().map(|key| &key.0)
    }
}

/// A key of an issuer, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct IssuerKey {
    issuer: String,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    Ed25519(PublicKey),
    P256(VerifyingKey),
}

impl IssuerKey {
    /// Decides whether this key made the signature with this algorithm.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (&self.key, algorithm) {
            (Key::Ed25519(key), Algorithm::Ed25519) => signature
                .try_into()
                .is_ok_and(|signature| key.verify(message, &Signature(signature)).is_ok()),
            (Key::P256(key), Algorithm::Es256) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            (Key::Ed25519(_), Algorithm::Es256) | (Key::P256(_), Algorithm::Ed25519) => false,
        }
    }
}

/// The signature algorithms that are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Algorithm {
    Ed25519,
    Es256,
}

impl Algorithm {
    /// Knows an algorithm by its COSE number: `ES256`, and Ed25519 as `EdDSA` or fully specified
    /// ([RFC 9864]).
    ///
    /// [RFC 9864]: https://www.rfc-editor.org/rfc/rfc9864
    pub(crate) fn of(number: i64) -> Option<Self> {
        match number {
            -7 => Some(Self::Es256),
            -8 | -19 => Some(Self::Ed25519),
            _ => None,
        }
    }
}

/// Opens encrypted identities.
#[derive(Clone)]
struct ContentKey([u8; 32]);

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(***)")
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok());
    if rest.is_empty() && !pairs.is_empty() { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_line_that_is_no_key() {
        let good = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        for (line, what) in [
            ("rsa 00 somebody".to_owned(), "unknown form"),
            ("ed25519 xyz somebody".to_owned(), "hexadecimal"),
            ("ed25519".to_owned(), "hexadecimal"),
            (format!("ed25519 {good}"), "without an issuer"),
            (format!("ed25519 {} somebody", "00".repeat(32)), "a weak one"),
            (format!("es256 {good} somebody"), "no P-256 key"),
            ("a256gcm 00".to_owned(), "32 bytes"),
            (format!("a256gcm {good} somebody"), "unknown form"),
        ] {
            let refused = IdentityKeys::parse(&format!("# keys\n\n{line}\n")).unwrap_err();
            assert_eq!(refused.line, 3);
            assert!(refused.to_string().contains(what), "{line}: {refused}");
        }
        let keys = IdentityKeys::parse(&format!("ed25519 {good} a name with spaces")).unwrap();
        assert_eq!(keys.issuers().collect::<Vec<_>>(), ["a name with spaces"]);
    }
}
