//! What a leaf holds: read and verified by its kind.

use attendance::{
    ChainedEvent, ChildId, LeafKind, SubjectReader, TagList, TrustRole, UnverifiedCard,
    UnverifiedEvent, VerifiedCard,
};
use ledger::{Snapshot, Tranche};
use seal::Sign1;
use sync_api::{SNAPSHOT_DOMAIN, TRANCHE_DOMAIN};

use super::evidence::Evidence;

/// A leaf that is proven to be in the tree, and what it commits to.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) salt: [u8; 16],
    pub(super) bytes: Vec<u8>,
    pub(super) holds: Holds,
    pub(super) made_again: bool,
}

/// What a leaf holds, verified.
#[derive(Debug)]
pub(super) enum Holds {
    Event(Box<ChainedEvent>),
    Snapshot(Box<Snapshot>),
    Tranche(Box<Tranche>),
    Tags(Box<TagList>),
    Card(Box<VerifiedCard>),
    /// Bytes that say all themselves: the name of the log, for one.
    Plain(LeafKind),
}

/// A leaf as somebody claims it to be.
pub(super) struct Claim<'b> {
    pub(super) kind: u8,
    pub(super) salt: [u8; 16],
    pub(super) bytes: &'b [u8],
}

impl Holds {
    pub(super) fn kind(&self) -> LeafKind {
        match self {
            Self::Event(_) => LeafKind::Event,
            Self::Snapshot(_) => LeafKind::Snapshot,
            Self::Tranche(_) => LeafKind::Tranche,
            Self::Tags(_) => LeafKind::Tags,
            Self::Card(_) => LeafKind::Card,
            Self::Plain(kind) => *kind,
        }
    }

    pub(super) fn event(&self) -> Option<&ChainedEvent> {
        if let Self::Event(event) = self { Some(event) } else { None }
    }

    pub(super) fn snapshot(&self) -> Option<&Snapshot> {
        if let Self::Snapshot(snapshot) = self { Some(snapshot) } else { None }
    }

    pub(super) fn tranche(&self) -> Option<&Tranche> {
        if let Self::Tranche(tranche) = self { Some(tranche) } else { None }
    }

    pub(super) fn card(&self) -> Option<&VerifiedCard> {
        if let Self::Card(card) = self { Some(card) } else { None }
    }

    /// Gives the children that the leaf is about, while a log is read from its first leaf on.
    pub(super) fn subjects(&self, reader: &mut SubjectReader) -> Vec<ChildId> {
        match self {
            Self::Event(event) => reader.take(event.hash(), event.event()),
            Self::Card(card) => vec![card.claims().child],
            Self::Snapshot(_) | Self::Tranche(_) | Self::Tags(_) | Self::Plain(_) => Vec::new(),
        }
    }

    pub(super) fn tags(&self) -> Option<&TagList> {
        if let Self::Tags(list) = self { Some(list) } else { None }
    }
}

impl Evidence<'_> {
    /// Verifies what a leaf holds. Its kind is not hashed: the signature's domain proves it.
    pub(super) fn read(&self, claim: &Claim<'_>) -> Result<Holds, String> {
        let number = claim.kind;
        let newer = || format!("its kind {number} is unknown here: install the newer program");
        let bytes = claim.bytes;
        match LeafKind::from_number(number).ok_or_else(newer)? {
            LeafKind::Genesis if bytes == self.safe.origin.as_bytes() => {
                Ok(Holds::Plain(LeafKind::Genesis))
            }
            LeafKind::Genesis => Err("it does not hold the name of the log".to_owned()),
            LeafKind::Snapshot => self.read_snapshot(bytes).map(|it| Holds::Snapshot(Box::new(it))),
            LeafKind::Event => self.read_event(bytes).map(|it| Holds::Event(Box::new(it))),
            LeafKind::Tranche => {
                let payload = self.signed_by_log(bytes)?;
                let tranche = Tranche::parse(&payload).map_err(|why| why.to_string())?;
                Ok(Holds::Tranche(Box::new(tranche)))
            }
            LeafKind::Card => {
                let card = UnverifiedCard::parse_bytes(bytes).map_err(|why| why.to_string())?;
                let card = card.verify_for_audit(&self.safe.trust, &self.safe.origin);
                card.map(|card| Holds::Card(Box::new(card))).map_err(|why| why.to_string())
            }
            LeafKind::Tags => TagList::parse_and_verify(bytes, &self.log_keys)
                .map(|list| Holds::Tags(Box::new(list)))
                .map_err(|why| why.to_string()),
        }
    }

    fn read_event(&self, bytes: &[u8]) -> Result<ChainedEvent, String> {
        let event = UnverifiedEvent::parse(bytes).map_err(|why| why.to_string())?;
        let device = event.event().device;
        let certificate = self.certificates.get(&device);
        let missing = || format!("nobody handed over the certificate of device {device}");
        let key = certificate.ok_or_else(missing)?.public_key();
        event.verify(&key).map_err(|why| why.to_string())
    }

    fn read_snapshot(&self, bytes: &[u8]) -> Result<Snapshot, String> {
        let sealed = Sign1::parse(bytes).map_err(|why| why.to_string())?;
        let mut keys = self.safe.trust.keys_at_any_time(TrustRole::Rules, sealed.key_id());
        let json = keys.find_map(|key| sealed.verify(&key, SNAPSHOT_DOMAIN).ok());
        let json = json.ok_or_else(|| "no key for rules signed the snapshot".to_owned())?;
        let json = core::str::from_utf8(json).map_err(|why| why.to_string())?;
        Snapshot::parse(json).map_err(|why| why.to_string())
    }

    fn signed_by_log(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let sealed = Sign1::parse(bytes).map_err(|why| why.to_string())?;
        let payload = self.log_keys.iter().find_map(|key| sealed.verify(key, TRANCHE_DOMAIN).ok());
        payload.map(<[u8]>::to_vec).ok_or_else(|| "the log did not sign the tranche".to_owned())
    }
}
