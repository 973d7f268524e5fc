//! What our code says of a case, as the vectors' stable codes.
//!
//! Here are the forms that have a verdict alone; those that give something beside it are below, a
//! file for each family.

mod fields;
mod packed;
mod proof;
mod shown;
mod status;
mod time;
mod witness;

use std::path::PathBuf;

use attendance::{
    CertificateRejection, ChainBreak, ChainHead, ChainedEvent, EventRejection, QrText,
    RevocationList, RevocationRejection, Roster, RosterRejection, SignedTrustList, TagKey, TagList,
    TagListRejection, TrustList, TrustRejection, TrustRole, TrustRoots, UnverifiedCard,
    VerifiedCertificate, follows,
};
use ledger::{Tranche, TrancheRejection};
use seal::{Hash, PublicKey, Sign1, Signature};
use serde_json::{Value, json};
use sync_api::{TRANCHE_DOMAIN, Ticket, TicketError};
use system_tests::vectors::{Case, Input, OK, VectorFile};
use tlog::{NoteRejection, SignedNote, VerifierKey};

use crate::qatysu;

/// A refusal that the codes have no word for.
const OTHER: &str = "other";
const MALFORMED: &str = "malformed";
const BAD_SIGNATURE: &str = "bad_signature";
const UNKNOWN_KEY: &str = "unknown_key";
const UNKNOWN_VERSION: &str = "unknown_version";

/// Gives the verdict on a case, and what was found beside it.
pub(super) fn judge(file: &VectorFile, case: &Case) -> (String, Option<Value>) {
    let inputs = Inputs { file, case };
    let found = match file.form.as_str() {
        "add-checkpoint" => return inputs.add_checkpoint(),
        "anchor" => inputs.anchor().map(|()| None),
        "answer" => inputs.answer().map(Some),
        "batch-receipt" => inputs.batch_receipt().map(Some),
        "challenge" => inputs.challenge().map(Some),
        "consistency" => inputs.consistency().map(|()| None),
        "correction" => inputs.correction().map(Some),
        "event-form" => inputs.event_form().map(|()| None),
        "inclusion" => inputs.inclusion().map(|()| None),
        "packed" => inputs.packed().map(Some),
        "policy" => inputs.policy().map(Some),
        "roster" => inputs.roster(),
        "rotating" => inputs.rotating().map(Some),
        "shown" => inputs.shown().map(Some),
        "status-delta" => inputs.status_delta().map(Some),
        "status-list" => inputs.status_list().map(Some),
        "tiles" => inputs.tiles().map(Some),
        "timeline" => inputs.timeline().map(Some),
        "tlog-proof" => inputs.tlog_proof().map(Some),
        "two-histories" => inputs.two_histories().map(Some),
        "witnessed" => inputs.witnessed().map(Some),
        _ => return (inputs.verdict(), None),
    };
    found.map_or_else(|code| (code, None), |output| (OK.to_owned(), output))
}

/// What a case gives beside the verdict, or the code of the refusal.
type Found = Result<Value, String>;
/// A verdict whose code is put together.
type Told = Result<(), String>;
type Verdict = Result<(), &'static str>;

struct Inputs<'a> {
    file: &'a VectorFile,
    case: &'a Case,
}

impl Inputs<'_> {
    fn verdict(&self) -> String {
        let verdict = match self.file.form.as_str() {
            "bundle" => return self.bundle(),
            "receipt" => return self.receipt(),
            "card" | "card-holder" => self.card(),
            "certificate" => self.certificate(),
            "chain" => self.chain().map(drop),
            "checkpoint" => self.checkpoint(),
            "event" => self.event(),
            "revocations" => self.revocations(),
            "signature" => self.signature(),
            "tag-list" => self.tag_list(),
            "ticket" => self.ticket(),
            "tranche" => self.tranche(),
            "trust-list" => self.trust_list(),
            "trust-roots" => TrustRoots::parse(&self.bytes("roots")).map(drop).map_err(of_trust),
            form => panic!("nobody judges the form {form}"),
        };
        verdict.map_or_else(str::to_owned, |()| OK.to_owned())
    }

    fn input(&self, name: &str) -> Option<&Input> {
        self.case.inputs.get(name)
    }

    fn text(&self, name: &str) -> &str {
        let Some(Input::Text(text)) = self.input(name) else { panic!("no text {name}") };
        text
    }

    fn number(&self, name: &str) -> i64 {
        let Some(Input::Number(number)) = self.input(name) else { panic!("no number {name}") };
        *number
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        unhex(self.text(name))
    }

    /// Several byte strings.
    fn many(&self, name: &str) -> Vec<Vec<u8>> {
        let Some(Input::List(all)) = self.input(name) else { panic!("no list {name}") };
        all.iter().map(|one| unhex(one)).collect()
    }

    fn hashes(&self, name: &str) -> Vec<Hash> {
        let all = self.many(name);
        all.iter().map(|bytes| Hash::from_slice(bytes).expect("32 bytes")).collect()
    }

    fn hash(&self, name: &str) -> Hash {
        Hash::from_slice(&self.bytes(name)).expect("32 bytes")
    }

    fn size(&self, name: &str) -> u64 {
        u64::try_from(self.number(name)).expect("not below zero")
    }

    fn key(&self) -> PublicKey {
        PublicKey::parse(&self.bytes("key")).expect("a good key")
    }

    /// The roots and the trust list that the case names.
    fn material(&self) -> (Vec<u8>, Vec<u8>) {
        let name = self.case.trust.as_deref().expect("the case names its trust material");
        let material = self.file.trust.get(name).expect("the file has it");
        (unhex(&material.roots), unhex(&material.list))
    }

    fn trust(&self) -> TrustList {
        let (roots, list) = self.material();
        let roots = TrustRoots::parse(&roots).expect("good roots");
        let list = SignedTrustList::parse(&list).expect("a good list");
        list.verify(&roots, 0).expect("a good list")
    }

    fn card(&self) -> Verdict {
        let card = QrText::parse(self.text("text")).and_then(|text| UnverifiedCard::parse(&text));
        let verified = card.and_then(|card| card.verify(&self.trust(), self.number("now_s")));
        verified.map(drop).map_err(|why| why.code())
    }

    fn certificate(&self) -> Verdict {
        let (bytes, trust) = (self.bytes("certificate"), self.trust());
        let verified = match self.input("now_s") {
            Some(_) => VerifiedCertificate::parse_and_verify(&bytes, &trust, self.number("now_s")),
            None => VerifiedCertificate::verify_for_audit(&bytes, &trust),
        };
        verified.map(drop).map_err(|why| match why {
            CertificateRejection::Malformed(_) => MALFORMED,
            CertificateRejection::UnknownVersion { .. } => UNKNOWN_VERSION,
            CertificateRejection::UnknownKey { .. } => UNKNOWN_KEY,
            CertificateRejection::BadSignature { .. } => BAD_SIGNATURE,
            CertificateRejection::WrongKey => "wrong_key",
            CertificateRejection::NotYetValid { .. } => "not_yet_valid",
            CertificateRejection::Expired { .. } => "expired",
            _ => OTHER,
        })
    }

    fn revocations(&self) -> Verdict {
        let read = RevocationList::parse_and_verify(&self.bytes("list"), &self.trust());
        read.map(drop).map_err(|why| match why {
            RevocationRejection::Malformed(_) => MALFORMED,
            RevocationRejection::UnknownKey { .. } => UNKNOWN_KEY,
            RevocationRejection::BadSignature { .. } => BAD_SIGNATURE,
            RevocationRejection::Contradiction => "contradiction",
            _ => OTHER,
        })
    }

    fn event(&self) -> Verdict {
        let event = ChainedEvent::parse_and_verify(&self.bytes("event"), &self.key());
        event.map(drop).map_err(|why| of_event(&why))
    }

    fn signature(&self) -> Verdict {
        let key = PublicKey::parse(&self.bytes("key")).map_err(|_| "weak_key")?;
        let signature = self.bytes("signature").as_slice().try_into().map_err(|_| BAD_SIGNATURE)?;
        let verified = key.verify(&self.bytes("message"), &Signature(signature));
        verified.map_err(|_| BAD_SIGNATURE)
    }

    fn chain(&self) -> Result<Vec<ChainedEvent>, &'static str> {
        let key = self.key();
        let mut head = ChainHead::genesis(&key);
        let mut chain = Vec::new();
        for event in self.many("events") {
            let event = ChainedEvent::parse_and_verify(&event, &key);
            let event = event.map_err(|why| of_event(&why))?;
            follows(&head, &event).map_err(|why| match why {
                ChainBreak::Gap { .. } => "gap",
                ChainBreak::Fork => "fork",
                ChainBreak::PrevMismatch => "prev_mismatch",
                _ => OTHER,
            })?;
            head = event.next_head();
            chain.push(event);
        }
        Ok(chain)
    }

    /// With a moment, what the window is then.
    fn roster(&self) -> Result<Option<Value>, String> {
        let (bytes, now_s) = (self.bytes("roster"), self.number("now_s"));
        let roster = Roster::parse_and_verify(&bytes, &self.trust(), now_s);
        let roster = roster.map_err(|why| match why {
            RosterRejection::Envelope(_) | RosterRejection::Payload(_) => MALFORMED,
            RosterRejection::UnknownKey { .. } => UNKNOWN_KEY,
            RosterRejection::BadSignature { .. } => BAD_SIGNATURE,
            _ => OTHER,
        })?;
        Ok(self.input("at_ms").map(|_| {
            let window = roster.window_at(self.number("at_ms"));
            json!([
                window.open_before_min,
                window.close_after_min,
                window.scan_early_min,
                window.scan_late_min,
                window.late_min,
            ])
        }))
    }

    fn checkpoint(&self) -> Verdict {
        let key = VerifierKey::parse(self.text("key")).map_err(|_| "bad_key")?;
        let note = SignedNote::parse(self.text("note")).and_then(|note| note.verify(&key));
        note.map(drop).map_err(|why| of_note(&why))
    }

    fn ticket(&self) -> Verdict {
        Ticket::parse(self.text("text")).map(drop).map_err(|why| match why {
            TicketError::Foreign => "foreign",
            TicketError::Malformed => MALFORMED,
            _ => OTHER,
        })
    }

    fn trust_list(&self) -> Verdict {
        let roots = TrustRoots::parse(&self.bytes("roots")).map_err(of_trust)?;
        let seen = u32::try_from(self.number("highest_seen")).expect("a version");
        let list = SignedTrustList::parse(&self.bytes("list"));
        list.and_then(|list| list.verify(&roots, seen)).map(drop).map_err(of_trust)
    }

    /// As the audit opens a tranche: any key that the list has for the log of this name.
    fn tranche(&self) -> Verdict {
        let (trust, origin) = (self.trust(), self.text("origin"));
        let sealed = Sign1::parse(&self.bytes("tranche")).map_err(|_| MALFORMED)?;
        let entries = trust.entries.iter();
        let of_log = entries.filter(|e| e.role == TrustRole::Log && e.scope == origin);
        let mut verdict = Err(UNKNOWN_KEY);
        for entry in of_log {
            let key = PublicKey::parse(&entry.key).expect("a verified list has good keys");
            verdict = sealed.verify(&key, TRANCHE_DOMAIN).map_err(|_| BAD_SIGNATURE);
        }
        Tranche::parse(verdict?).map(drop).map_err(|why| match why {
            TrancheRejection::Encoding(_) => MALFORMED,
            TrancheRejection::UnknownVersion(_) => UNKNOWN_VERSION,
            TrancheRejection::Disorder(_) => "disorder",
            TrancheRejection::Amount(_) => "unbalanced",
            TrancheRejection::Totals => "totals",
            TrancheRejection::Part(_) => "part",
            TrancheRejection::Corrections => "corrections",
            _ => OTHER,
        })
    }

    /// As a parent's device takes a list: it goes on where the one before ended.
    fn tag_list(&self) -> Verdict {
        let (trust, origin) = (self.trust(), self.text("origin"));
        let entries = trust.entries.iter();
        let of_log = entries.filter(|e| e.role == TrustRole::Log && e.scope == origin);
        let keys: Vec<_> = of_log.filter_map(|e| PublicKey::parse(&e.key).ok()).collect();
        let list = TagList::parse_and_verify(&self.bytes("list"), &keys);
        let list = list.map_err(|why| match why {
            TagListRejection::Envelope(_) | TagListRejection::Payload(_) => MALFORMED,
            TagListRejection::BadSignature if keys.is_empty() => UNKNOWN_KEY,
            TagListRejection::BadSignature => BAD_SIGNATURE,
            TagListRejection::UnknownVersion { .. } => UNKNOWN_VERSION,
            TagListRejection::Outside { .. } => "outside",
            TagListRejection::Order { .. } => "order",
            _ => OTHER,
        })?;
        let leaf = |name| u64::try_from(self.number(name)).expect("a leaf");
        let key = TagKey::from_slice(&self.bytes("key")).expect("a tag key");
        match leaf("about") {
            _ if list.first != leaf("first") => Err("gap"),
            _ if list.next() > leaf("leaf") => Err("ahead"),
            about if list.names(about, &key) != list.leaves_of(&key).any(|leaf| leaf == about) => {
                Err(OTHER)
            }
            about if !list.names(about, &key) => Err("not_named"),
            _ => Ok(()),
        }
    }

    /// The program itself is asked; its name of the failed check is the code.
    fn receipt(&self) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            path
        };
        let (roots, list) = self.material();
        write("trust.roots", &roots);
        write("trust.list", &list);
        let file = write("receipt.json", self.text("file").as_bytes());
        let dir = dir.path().to_str().expect("a text").to_owned();
        said(&["receipt", "verify", &shown(file), "--trust", &dir, "--json"])
    }

    fn bundle(&self) -> String {
        let dir = tempfile::tempdir().expect("a directory");
        let (file, roots) = (dir.path().join("bundle.json"), dir.path().join("roots"));
        std::fs::write(&file, self.text("bundle")).expect("written");
        std::fs::write(&roots, self.bytes("roots")).expect("written");
        said(&["audit", &shown(file), "--roots", &shown(roots), "--json"])
    }
}

fn shown(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("a text")
}

fn said(arguments: &[&str]) -> String {
    let ended = qatysu::run(arguments);
    assert!(!ended.complained.contains("panicked"), "{}", ended.complained);
    let said: Value = serde_json::from_str(&ended.said)
        .unwrap_or_else(|why| panic!("{why}: {}\n{}", ended.said, ended.complained));
    match (ended.code, said["check"].as_str()) {
        (Some(0), None) => OK.to_owned(),
        (Some(1), Some(check)) => check.replace(' ', "_"),
        (code, check) => panic!("exit code {code:?}, check {check:?}"),
    }
}

fn of_event(why: &EventRejection) -> &'static str {
    match why {
        EventRejection::Malformed(_) => MALFORMED,
        EventRejection::UnknownVersion { .. } => UNKNOWN_VERSION,
        EventRejection::WrongDevice { .. } => "wrong_device",
        EventRejection::BadSignature { .. } => BAD_SIGNATURE,
        _ => OTHER,
    }
}

fn of_note(why: &NoteRejection) -> &'static str {
    match why {
        NoteRejection::TooLong(_) => "too_long",
        NoteRejection::TooManySignatures => "too_many_signatures",
        NoteRejection::Malformed(_) => MALFORMED,
        NoteRejection::NotACheckpoint(_) => "not_a_checkpoint",
        NoteRejection::NotSigned(_) => "not_signed",
        NoteRejection::BadSignature(_) => BAD_SIGNATURE,
        NoteRejection::OtherOrigin(_) => "other_origin",
        _ => OTHER,
    }
}

fn of_trust(why: TrustRejection) -> &'static str {
    match why {
        TrustRejection::Malformed(_) => MALFORMED,
        TrustRejection::BadThreshold { .. } => "bad_threshold",
        TrustRejection::WeakKey { .. } => "weak_key",
        TrustRejection::BadQuorum { .. } => "bad_quorum",
        TrustRejection::NotEnoughSignatures { .. } => "not_enough_signatures",
        TrustRejection::RolledBack { .. } => "rolled_back",
        _ => OTHER,
    }
}

pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0, "two digits for each byte");
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}
