//! The ways in which every signed envelope can be broken.

use seal::{Domain, Sign1, Signer, SoftwareKey};

use super::material::{Impostor, stranger};

/// What is wrong with a broken envelope.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// It is not the one encoding.
    Form,
    /// The key did not sign it.
    Signature,
    /// The key it names has no business here.
    Key,
}

/// A payload that is a CBOR map, and who signs it for what.
pub(super) struct Whole<'a> {
    pub(super) payload: Vec<u8>,
    pub(super) key: &'a SoftwareKey,
    pub(super) domain: Domain,
    /// A byte of the payload whose lowest bit may change without spoiling the form.
    pub(super) flip_at: usize,
    /// A trusted key of another role.
    pub(super) other_role: Option<&'a SoftwareKey>,
}

/// One way.
pub(super) struct Broken {
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) fault: Fault,
}

impl Whole<'_> {
    pub(super) fn bytes(&self) -> Vec<u8> {
        seal(self.key, self.domain, self.payload.clone())
    }

    /// All the ways.
    pub(super) fn breaks(&self) -> Vec<Broken> {
        let mut all = self.of_signature();
        all.extend(self.of_form());
        all
    }

    fn of_signature(&self) -> Vec<Broken> {
        let broken = |name, bytes, fault| Broken { name, bytes, fault };
        let bytes = self.bytes();
        let mut payload = self.payload.clone();
        payload[self.flip_at] ^= 1;
        let flipped = replaced(&bytes, &self.payload, &payload);
        let other_domain = Domain("qatysu/another-kind/1");
        let impostor = Impostor { hand: stranger(), face: self.key.public_key() };
        let mut all = vec![
            broken("a bit flipped in the payload", flipped, Fault::Signature),
            broken("a bit flipped in the signature", flip(&bytes, 40), Fault::Signature),
            broken("a bit flipped in the signature's end", flip(&bytes, 1), Fault::Signature),
            broken("the signature of S + L instead of S", unreduced(&bytes), Fault::Signature),
            broken(
                "signed for another kind of payload",
                seal(self.key, other_domain, self.payload.clone()),
                Fault::Signature,
            ),
            broken(
                "signed by another key under this key's id",
                seal(&impostor, self.domain, self.payload.clone()),
                Fault::Signature,
            ),
            broken(
                "signed by a key that nobody trusts",
                seal(&stranger(), self.domain, self.payload.clone()),
                Fault::Key,
            ),
        ];
        all.extend(self.other_role.map(|key| {
            let bytes = seal(key, self.domain, self.payload.clone());
            broken("signed by a key of another role", bytes, Fault::Key)
        }));
        all
    }

    fn of_form(&self) -> Vec<Broken> {
        let form = |name, bytes| Broken { name, bytes, fault: Fault::Form };
        let bytes = self.bytes();
        let signed = |payload| seal(self.key, self.domain, payload);
        let mut truncated = bytes.clone();
        truncated.pop();
        vec![
            form("the last byte missing", truncated),
            form("the second half missing", bytes[..bytes.len() / 2].to_vec()),
            form("a trailing byte", [&bytes[..], &[0]].concat()),
            form("no bytes at all", Vec::new()),
            form("the tag in two bytes", [&[0xd8, 18], &bytes[1..]].concat()),
            form("no tag", bytes[1..].to_vec()),
            form("an array of indefinite length", indefinite(&bytes)),
            form("another algorithm in the header", self.with_algorithm(&[0x26])),
            form("the algorithm as a float", self.with_algorithm(&[0xf9, 0xcc, 0xc0])),
            form("signed payload: the map's length in two bytes", signed(self.long_head())),
            form("signed payload: a field that nobody knows", signed(self.unknown_field())),
            form("signed payload: a trailing byte", signed([&self.payload[..], &[0]].concat())),
            form("signed payload: no map", signed(vec![0x00])),
        ]
    }

    fn long_head(&self) -> Vec<u8> {
        let [head, rest @ ..] = self.payload.as_slice() else { panic!("a payload is a map") };
        assert_eq!(head & 0xe0, 0xa0, "a payload is a map");
        [&[0xb8, head & 0x1f], rest].concat()
    }

    fn unknown_field(&self) -> Vec<u8> {
        let [head, rest @ ..] = self.payload.as_slice() else { panic!("a payload is a map") };
        [&[head + 1], rest, &[0x18, 99, 0]].concat()
    }

    /// `{1: algorithm, 4: kid}`, properly signed with Ed25519 all the same.
    fn with_algorithm(&self, algorithm: &[u8]) -> Vec<u8> {
        let kid = self.key.public_key().key_id().0;
        let protected = [&[0xa2, 0x01], algorithm, &[0x04, 0x44], &kid[..]].concat();
        let to_sign = Sign1::sig_structure(&protected, self.domain.0.as_bytes(), &self.payload);
        let signature = self.key.sign(&to_sign).expect("a software key signs").0;
        let bytes = self.bytes();
        let head = 0x40 + u8::try_from(protected.len()).expect("short");
        let changed = replaced(&bytes, &bytes[2..12], &[&[head], &protected[..]].concat());
        [&changed[..changed.len() - 64], &signature].concat()
    }
}

pub(super) fn seal(signer: &dyn Signer, domain: Domain, payload: Vec<u8>) -> Vec<u8> {
    Sign1::seal(signer, domain, payload).expect("a software key signs").to_bytes()
}

/// Flips the lowest bit of the byte at this distance from the end.
pub(super) fn flip(bytes: &[u8], from_end: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    let at = flipped.len() - from_end;
    flipped[at] ^= 1;
    flipped
}

/// Replaces the one place where `from` stands by `to`.
pub(super) fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from);
    let at = at.expect("it stands there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// Adds the group's order L to S, the signature's second half: the same signature to a verifier that
/// does not ask for S < L (RFC 8032 §5.1.7).
pub(super) fn unreduced(bytes: &[u8]) -> Vec<u8> {
    let (head, s) = bytes.split_at(bytes.len() - 32);
    let mut carry = 0u16;
    let sum = s.iter().zip(ORDER).map(|(byte, order)| {
        carry += u16::from(*byte) + u16::from(order);
        let [low, high] = carry.to_le_bytes();
        carry = u16::from(high);
        low
    });
    let sum: Vec<u8> = sum.collect();
    [head, &sum].concat()
}

/// Base45 of bytes, with 256 added to the last one, which stands alone.
pub(super) fn with_high_last_byte(bytes: &[u8]) -> String {
    let (last, whole) = bytes.split_last().expect("there are bytes");
    assert_eq!(whole.len() % 2, 0, "the last byte stands alone");
    let number = usize::from(*last) + 256;
    let digit = |number: usize| char::from(BASE45[number % 45]);
    format!("{}{}{}", base45::encode(whole), digit(number), digit(number / 45))
}

fn indefinite(bytes: &[u8]) -> Vec<u8> {
    let [tag, _array, rest @ ..] = bytes else { panic!("an envelope has a tag") };
    [&[*tag, 0x9f], rest, &[0xff]].concat()
}

/// L = 2^252 + 27742317777372353535851937790883648493, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
