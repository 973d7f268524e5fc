//! On a parent's device: leaves about own children that came by no other way.

use attendance::{
    CardRejection, CertificateRejection, ChainedEvent, ChildId, EventKind, EventRejection,
    LeafKind, Role, TrustList, UnverifiedCard, UnverifiedEvent, VerifiedCard, VerifiedCertificate,
    subjects,
};
use rusqlite::Connection;
use seal::Hash;
use tlog::{Checkpoint, ReceiptRejection};

use crate::alarm::{Alarm, AlarmCode};
use crate::completeness::MissingWhy;
use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::log::{Claim, Log, ReceiptError, conclude};
use crate::store::entry::EntryRow;
use crate::store::visit_seen::{Kept, SeenRow};
use crate::store::{self, StoreError};

/// Holds a leaf as the server shows it to a parent. Nothing of it is verified yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeenEntry {
    /// What it holds.
    pub kind: LeafKind,
    /// For an event: the signed certificate of the device that recorded it.
    pub certificate: Option<Vec<u8>>,
    /// The bytes that were salted and hashed.
    pub bytes: Vec<u8>,
    /// The salt of the leaf.
    pub salt: [u8; 16],
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
    /// Its place in the log.
    pub leaf_index: u64,
}

/// Why a leaf was not accepted.
#[derive(Debug, thiserror::Error)]
enum EntryRejection {
    #[error("leaf {0} was asked for")]
    OtherLeaf(u64),
    #[error("receipt: {0}")]
    Receipt(#[from] ReceiptRejection),
    #[error("the receipt proves leaf {0}")]
    ProvesOther(u64),
    #[error("this kind of entry is not known here: update")]
    Kind,
    #[error("the certificate of the device that recorded it is missing")]
    NoCertificate,
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateRejection),
    #[error("event: {0}")]
    Event(#[from] EventRejection),
    #[error("card: {0}")]
    Card(#[from] CardRejection),
    #[error("it is not about the child whose tag it has")]
    OtherChild,
    #[error("the leaf, or the event, is another one's already")]
    LeafTaken,
}

impl Device {
    /// Lists the leaves about own children that are not on this device, in the log's order.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn entries_wanted(&self) -> Result<Vec<u64>, StoreError> {
        let Some(enrolled) = &self.enrolled else { return Ok(Vec::new()) };
        let mut wanted = Vec::new();
        for child in &enrolled.certificate().children {
            let leaves = store::own_leaf::of_child(&self.db, enrolled.origin(), *child)?;
            wanted.extend(leaves.iter().filter(|leaf| leaf.held.is_none()).map(|l| l.leaf_index));
        }
        wanted.sort_unstable();
        wanted.dedup();
        Ok(wanted)
    }

    /// Verifies the leaf that was asked for under a checkpoint, and keeps it if it holds: certificate,
    /// signature, really about the child, place in the log. Ask in the log's order: an event may speak
    /// of an earlier one. Gives whether it held; if not, an alarm is kept, and why it is missing.
    ///
    /// # Errors
    /// [`ReceiptError`] if the checkpoint itself does not hold.
    pub fn store_entry(
        &mut self,
        wanted: u64,
        entry: &SeenEntry,
        checkpoint_note: &str,
    ) -> Result<bool, ReceiptError> {
        let enrolled = self.enrolled.as_ref().ok_or(ReceiptError::NotEnrolled)?;
        let log = Log::of(Some(enrolled))?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.accept(&tx, checkpoint_note, at_ms).and_then(|under| {
            let kept = place(&log, &under, wanted, entry)
                .and_then(|()| read(entry, enrolled.trust_list(), log.origin))
                .map(|what| keep(&tx, enrolled, entry, &what, &under));
            let rejection = match kept {
                Ok(kept) => match kept? {
                    None => return Ok(true),
                    Some(rejection) => rejection,
                },
                Err(rejection) => rejection,
            };
            let why = MissingWhy::Wrong(rejection.to_string());
            store::entry_refusal::keep(&tx, log.origin, wanted, &why, at_ms)?;
            store::alarm::keep(&tx, &alarm(wanted, entry, &rejection, at_ms))?;
            Ok(false)
        });
        conclude(tx, outcome, |error| matches!(error, ReceiptError::Store(_)))
    }

    /// Keeps that the server did not show a leaf, and what it said.
    ///
    /// # Errors
    /// [`StoreError`] if the database did not keep it.
    pub fn entry_not_shown(&mut self, leaf_index: u64, said: &str) -> Result<(), StoreError> {
        let Some(enrolled) = &self.enrolled else { return Ok(()) };
        let why = MissingWhy::Refused(said.to_owned());
        let at_ms = self.clock.now().wall_ms;
        store::entry_refusal::keep(&self.db, enrolled.origin(), leaf_index, &why, at_ms)
    }
}

/// What a leaf turned out to hold.
enum Content {
    Event(Box<ChainedEvent>, Role),
    Card(Box<VerifiedCard>),
}

/// Verifies that the leaf is where it was asked for.
fn place(
    log: &Log<'_>,
    under: &Checkpoint,
    wanted: u64,
    entry: &SeenEntry,
) -> Result<(), EntryRejection> {
    if entry.leaf_index != wanted {
        return Err(EntryRejection::OtherLeaf(wanted));
    }
    let claim = Claim { bytes: &entry.bytes, salt: &entry.salt, receipt: &entry.receipt };
    match log.prove(&claim, under)? {
        proven if proven == wanted => Ok(()),
        proven => Err(EntryRejection::ProvesOther(proven)),
    }
}

/// Verifies who signed the leaf.
fn read(entry: &SeenEntry, trust: &TrustList, origin: &str) -> Result<Content, EntryRejection> {
    match entry.kind {
        LeafKind::Event => {
            let certificate = entry.certificate.as_ref().ok_or(EntryRejection::NoCertificate)?;
            let recorder = VerifiedCertificate::verify_for_audit(certificate, trust)?;
            let event = UnverifiedEvent::parse(&entry.bytes)?.verify(&recorder.public_key())?;
            Ok(Content::Event(Box::new(event), recorder.certificate().role))
        }
        LeafKind::Card => {
            let card =
                UnverifiedCard::parse_bytes(&entry.bytes)?.verify_for_audit(trust, origin)?;
            Ok(Content::Card(Box::new(card)))
        }
        LeafKind::Genesis | LeafKind::Snapshot | LeafKind::Tranche | LeafKind::Tags => {
            Err(EntryRejection::Kind)
        }
    }
}

/// Keeps a leaf if it is about every child whose tag it has. A visit goes to the other visits, so
/// that it is shown among them and can be answered.
fn keep(
    tx: &Connection,
    enrolled: &Enrolled,
    entry: &SeenEntry,
    content: &Content,
    under: &Checkpoint,
) -> Result<Option<EntryRejection>, StoreError> {
    let about = match content {
        Content::Event(event, _) => {
            let about = event.event().about;
            let about = about.map(|about| child_of(tx, about)).transpose()?.flatten();
            subjects(event.event().child, about)
        }
        Content::Card(card) => vec![card.claims().child],
    };
    let named = store::own_leaf::children_of(tx, &under.origin, entry.leaf_index)?;
    if !named.iter().all(|child| about.contains(child)) {
        return Ok(Some(EntryRejection::OtherChild));
    }
    let kept = match content {
        Content::Card(card) => keep_entry(tx, entry, card.hash(), under)?,
        Content::Event(event, role) => {
            match (own_visit(enrolled, event, *role), entry.certificate.as_deref()) {
                (Some(child), Some(certificate)) => store::visit_seen::keep(
                    tx,
                    &SeenRow {
                        origin: &under.origin,
                        leaf_index: entry.leaf_index,
                        hash: event.hash(),
                        child: child.0,
                        wall_ms: event.event().wall_ms,
                        certificate,
                        bytes: &entry.bytes,
                        salt: &entry.salt,
                        receipt: &entry.receipt,
                        tree_size: under.size,
                    },
                )?,
                _ => keep_entry(tx, entry, event.hash(), under)?,
            }
        }
    };
    Ok(match kept {
        Kept::New | Kept::Already => None,
        Kept::LeafTaken => Some(EntryRejection::LeafTaken),
    })
}

/// Gives the child of a visit that a teacher recorded, if it is an own one.
fn own_visit(enrolled: &Enrolled, event: &ChainedEvent, role: Role) -> Option<ChildId> {
    let event = event.event();
    let came = role == Role::Teacher && event.kind == EventKind::In && event.lesson.is_some();
    let own = |child: &ChildId| enrolled.certificate().children.contains(child);
    event.child.filter(|child| came && own(child))
}

fn keep_entry(
    tx: &Connection,
    entry: &SeenEntry,
    hash: Hash,
    under: &Checkpoint,
) -> Result<Kept, StoreError> {
    let row = EntryRow {
        origin: &under.origin,
        leaf_index: entry.leaf_index,
        kind: entry.kind,
        hash,
        certificate: entry.certificate.as_deref().filter(|_| entry.kind == LeafKind::Event),
        bytes: &entry.bytes,
        salt: &entry.salt,
        receipt: &entry.receipt,
        tree_size: under.size,
    };
    store::entry::keep(tx, &row)
}

/// Gives the child of an event that is on this device.
fn child_of(tx: &Connection, event: Hash) -> Result<Option<ChildId>, StoreError> {
    let bytes = match store::visit_seen::find(tx, event)? {
        Some(row) => Some(row.bytes),
        None => match store::event::find(tx, event)? {
            Some((_, row)) => Some(row.bytes),
            None => store::entry::find(tx, event)?,
        },
    };
    let Some(bytes) = bytes else { return Ok(None) };
    let parsed =
        UnverifiedEvent::parse(&bytes).map_err(|_| StoreError::Value("an event's bytes"))?;
    Ok(parsed.event().child)
}

fn alarm(wanted: u64, entry: &SeenEntry, rejection: &EntryRejection, at_ms: i64) -> Alarm {
    Alarm {
        at_ms,
        code: AlarmCode::BadEntry,
        detail: format!("entry of leaf {wanted}: {rejection}"),
        subject: Some(attendance::event_hash(&entry.bytes)),
        evidence: entry.bytes.clone(),
    }
}
