//! Keys, trust lists and times of the vectors.

use attendance::{TrustEntry, TrustList, TrustRole, TrustRoots};
use seal::{Domain, PublicKey, SignError, Signature, Signer, SoftwareKey};

use super::{TrustMaterial, hex};
use crate::{district, key};

/// The moment at which the cases are looked at: the morning of 2026-09-02.
pub(super) const NOW_S: i64 = district::FIRST_MORNING_MS / 1000;
/// A day.
pub(super) const DAY_S: i64 = 86_400;
/// The trust material of most cases.
pub(super) const MAIN: &str = "main";
/// The same, with keys for status lists.
pub(super) const EVIDENCE: &str = "evidence";
/// The scope of the first of those keys.
pub(super) const REGION: &str = "KZ-75";

pub(super) const CARD_DOMAIN: Domain = Domain("qatysu/card/1");
pub(super) const CERTIFICATE_DOMAIN: Domain = Domain("qatysu/certificate/1");
pub(super) const TRUST_DOMAIN: Domain = Domain("qatysu/trust/1");

pub(super) fn issuer() -> SoftwareKey {
    key(11)
}

pub(super) fn device_ca() -> SoftwareKey {
    key(12)
}

pub(super) fn log_key() -> SoftwareKey {
    key(13)
}

pub(super) fn rules_key() -> SoftwareKey {
    key(14)
}

/// Keys that had their roles until the end of August.
pub(super) fn former_issuer() -> SoftwareKey {
    key(15)
}

pub(super) fn former_device_ca() -> SoftwareKey {
    key(16)
}

pub(super) fn former_rules_key() -> SoftwareKey {
    key(17)
}

/// The key of a log of another name.
pub(super) fn other_log_key() -> SoftwareKey {
    key(18)
}

/// The keys of status lists: of the region, of another one, and one that has ended.
pub(super) fn status_key() -> SoftwareKey {
    key(41)
}

pub(super) fn other_status_key() -> SoftwareKey {
    key(42)
}

pub(super) fn former_status_key() -> SoftwareKey {
    key(43)
}

/// A key that nobody trusts.
pub(super) fn stranger() -> SoftwareKey {
    key(99)
}

pub(super) fn roots() -> TrustRoots {
    TrustRoots { keys: [1, 2, 3].map(|seed| key(seed).public_key()).into(), threshold: 2 }
}

fn entry(key: SoftwareKey, role: TrustRole, scope: &str, days: i64) -> TrustEntry {
    TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: scope.to_owned(),
        not_before_s: NOW_S - 400 * DAY_S,
        not_after_s: NOW_S + days * DAY_S,
    }
}

pub(super) fn trust_list() -> TrustList {
    let here = district::ORIGIN;
    TrustList {
        version: 7,
        not_after_s: NOW_S + 30 * DAY_S,
        entries: vec![
            entry(issuer(), TrustRole::CardIssuer, here, 400),
            entry(device_ca(), TrustRole::DeviceCa, here, 400),
            entry(log_key(), TrustRole::Log, here, 400),
            entry(rules_key(), TrustRole::Rules, here, 400),
            entry(former_issuer(), TrustRole::CardIssuer, here, -2),
            entry(former_device_ca(), TrustRole::DeviceCa, here, -2),
            entry(former_rules_key(), TrustRole::Rules, here, -2),
            entry(other_log_key(), TrustRole::Log, "log.qatysu.example/other/2026", 400),
        ],
        witness_quorum: None,
    }
}

pub(super) fn signed_trust_list() -> Vec<u8> {
    trust_list().sign(&[&key(1), &key(3)]).expect("software keys sign")
}

fn evidence_list() -> Vec<u8> {
    let mut list = trust_list();
    list.entries.extend([
        entry(status_key(), TrustRole::Status, REGION, 400),
        entry(other_status_key(), TrustRole::Status, "KZ-10", 400),
        entry(former_status_key(), TrustRole::Status, REGION, -2),
    ]);
    list.sign(&[&key(1), &key(3)]).expect("software keys sign")
}

pub(super) fn named(name: &str) -> TrustMaterial {
    let list = match name {
        MAIN => signed_trust_list(),
        EVIDENCE => evidence_list(),
        name => panic!("there is no trust material {name}"),
    };
    TrustMaterial { roots: hex(&roots().to_bytes()), list: hex(&list) }
}

/// Signs with one key and gives itself out as another.
pub(super) struct Impostor {
    pub(super) hand: SoftwareKey,
    pub(super) face: PublicKey,
}

impl Signer for Impostor {
    fn public_key(&self) -> PublicKey {
        self.face
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        self.hand.sign(message)
    }
}
