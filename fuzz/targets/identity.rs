//! Texts of other schemes, and the envelopes that they unpack to.
#![no_main]

use std::sync::LazyLock;

use identity::{IdentityKeys, UnverifiedIdentity};
use libfuzzer_sys::fuzz_target;

/// The generator of P-256, a key of RFC 8032, and the content key of the kept inputs.
static KEYS: LazyLock<IdentityKeys> = LazyLock::new(|| {
    let lines = "\
        es256 036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296 KZ\n\
        ed25519 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a KZ\n\
        a256gcm 0909090909090909090909090909090909090909090909090909090909090909";
    IdentityKeys::parse(lines).expect("three keys")
});

fn look(identity: UnverifiedIdentity) {
    assert!(identity.claims().fields().count() > 0);
    assert!(identity.claims().fields().all(|(_, text)| !text.reveal().contains('\u{1b}')));
    let verdict = identity.verify(&KEYS, 1_789_376_400);
    drop(verdict.map_err(|refused| refused.to_string()));
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(identity) = UnverifiedIdentity::parse(text, &KEYS)
    {
        look(identity);
    }
    if let Ok(identity) = UnverifiedIdentity::parse_unpacked(data, &KEYS) {
        look(identity);
    }
});
