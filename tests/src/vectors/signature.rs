//! The signature rule alone: Ed25519, strict.
//!
//! Some signatures here can be made only by who knows the private key and computes with points by
//! hand; they stand as constants. Verifiers that are not strict disagree about them.

use seal::{Signer as _, SoftwareKey};

use super::breaks::{flip, unreduced};
use super::card::SMALL_ORDER;
use super::{Case, Input, OK, VectorFile, hex};
use crate::key;

const MESSAGE: &[u8] = b"a message";
const WEAK: &str = "weak_key";
const BAD: &str = "bad_signature";

fn owner() -> SoftwareKey {
    key(21)
}

fn case(name: &str, expected: &str, key: &str, message: &[u8], signature: &str) -> Case {
    let inputs = [
        ("key", Input::Text(key.to_owned())),
        ("message", Input::hex(message)),
        ("signature", Input::Text(signature.to_owned())),
    ];
    Case::new(name, expected, inputs)
}

pub(super) fn file() -> VectorFile {
    let public = owner().public_key().to_bytes();
    let mine = hex(&public);
    let sign = |message: &[u8]| owner().sign(message).expect("a software key signs").0;
    let good = sign(MESSAGE);
    let signed = hex(&good);
    let with_key = |name, key: &[u8]| case(name, WEAK, &hex(key), MESSAGE, &signed);
    let of = |name, signature: &[u8]| case(name, BAD, &mine, MESSAGE, &hex(signature));
    let neutral = [&[1][..], &[0; 31]].concat();
    let neutral_again = [&[0xee][..], &[0xff; 30], &[0x7f]].concat();
    let no_point = [&[2][..], &[0; 31]].concat();
    let zero_s = [&good[..32], &[0; 32]].concat();
    let cases = vec![
        case("a signature", OK, &mine, MESSAGE, &signed),
        case("of no bytes", OK, &mine, b"", &hex(&sign(b""))),
        case("of a key of mixed order, whole without the cofactor", OK, MIXED_KEY, MESSAGE, MIXED),
        case("of that key, whole with the cofactor only", BAD, MIXED_KEY, MESSAGE, MIXED_COFACTOR),
        case("R of mixed order, whole with the cofactor only", BAD, &mine, MESSAGE, MIXED_R),
        case("R the neutral point, and whole", BAD, &mine, MESSAGE, NEUTRAL_R),
        case("of another message", BAD, &mine, b"another", &signed),
        case("of another key", BAD, &hex(&key(22).public_key().to_bytes()), MESSAGE, &signed),
        of("a bit flipped in R", &flip(&good, 60)),
        of("a bit flipped in S", &flip(&good, 10)),
        of("S + L instead of S", &unreduced(&good)),
        of("S nothing", &zero_s),
        of("63 bytes", &good[..63]),
        of("65 bytes", &[&good[..], &[0]].concat()),
        with_key("a key of order 8", &SMALL_ORDER),
        with_key("a key that is the neutral point", &neutral),
        with_key("a key that is the neutral point in its second encoding", &neutral_again),
        with_key("a key that is no point of the curve", &no_point),
        with_key("a key of 31 bytes", &public[..31]),
    ];
    super::file("signature", &[], cases)
}

/// R is the neutral point, S = k·a: the equation holds.
const NEUTRAL_R: &str = "0100000000000000000000000000000000000000000000000000000000000000\
    2573c01e10ce27396d7f740170cedaec4580863c5ef12baf166cbe01b4268a0b";
/// The key plus a point of order 8.
const MIXED_KEY: &str = "1037aec8a660c44223d983c282b6e33cb37b7a1948e5ba0cb45245caf5c9f9f1";
/// k is a multiple of 8.
const MIXED: &str = "385a3c6fda7b31ddb960a916becf71bef035c571313e6a5e9d0a26b6aceb6c93\
    2edd2f1163740c43896e71ac796490ea5fd15daca7ab72f1cb9652b013450708";
/// k is none.
const MIXED_COFACTOR: &str = "c9a3f86aae465f0e56513864510f3997561fa2c9e85ea21dc2292309f3cd6022\
    fa75c28c817d1c15dac8783e10452c301912f7939ab977ca501f4deb075ad308";
/// R has a point of order 8 added.
const MIXED_R: &str = "e9b2fe981587efae6478f48ba1fa60cec6126d0e26dde72a0a24f640dcd783e5\
    c7e5197363d9f34e62a11330b8188fa2f6ca1b276261f51df6bf91cdb4a77403";
