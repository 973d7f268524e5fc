//! What an audit finds first.

use attendance::{
    CardId, CardRejection, CertificateRejection, ChainBreak, DeviceId, EventRejection, LeafKind,
    TrustRejection,
};
use ledger::{Month, RegistryError, TrancheError};
use seal::Hash;

use crate::receipt::checkpoint::CheckpointFinding;

/// The first thing of a bundle that does not hold. In the order in which it is looked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditFinding {
    /// The file is no bundle of a format known here.
    #[error("the file is no audit bundle ({0}): fetch it again")]
    NotABundle(String),
    /// The bundle's root keys are damaged.
    #[error("the root keys of the bundle: {0}")]
    Roots(TrustRejection),
    /// The bundle rests on other roots than the pinned ones.
    #[error("the bundle rests on roots {found}, pinned are {pinned}: do not believe it")]
    OtherRoots {
        /// Fingerprint of the pinned roots.
        pinned: Hash,
        /// Fingerprint of the bundle's.
        found: Hash,
    },
    /// Too few of the roots signed the trust list, or it is damaged.
    #[error(transparent)]
    TrustList(TrustRejection),
    /// The log did not sign the checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFinding),
    /// Leaves are missing or too many.
    #[error("the checkpoint is over {signed} leaves, the bundle has {found}")]
    Size {
        /// The checkpoint's size.
        signed: u64,
        /// Leaves in the bundle.
        found: u64,
    },
    /// A leaf that must not be where it is.
    #[error("leaf {index} is of the kind {kind:?}, which does not belong there")]
    Misplaced {
        /// The leaf.
        index: u64,
        /// Its kind.
        kind: LeafKind,
    },
    /// A leaf's salt is not one.
    #[error("leaf {index} has no salt of 16 bytes")]
    Salt {
        /// The leaf.
        index: u64,
    },
    /// The first leaf is not the log's name.
    #[error("the first leaf is not the name of the log, {origin:?}")]
    Genesis {
        /// The name that the checkpoint has.
        origin: String,
    },
    /// A card is damaged, or no issuer of this log's district signed it.
    #[error("leaf {index} is no card of this district: {why}")]
    Card {
        /// The leaf.
        index: u64,
        /// Why it was refused.
        why: CardRejection,
    },
    /// A card's id is that of a card before it.
    #[error("leaf {index} is a second card {card}, the first is leaf {first}")]
    SecondCard {
        /// The second one's leaf.
        index: u64,
        /// The id.
        card: CardId,
        /// The first one's leaf.
        first: u64,
    },
    /// A snapshot is missing, not signed, not whole, or of no higher version than the one before.
    #[error("the snapshot: {0}")]
    Snapshot(String),
    /// No trusted authority signed a certificate.
    #[error("certificate number {position}: {why}")]
    Certificate {
        /// Which of the bundle, from 0.
        position: usize,
        /// Why it was refused.
        why: CertificateRejection,
    },
    /// A device has two certificates: which one held is not for an auditor to choose.
    #[error("device {device} has two certificates in the bundle")]
    DoubleCertificate {
        /// The device.
        device: DeviceId,
    },
    /// An event's device has no certificate.
    #[error("leaf {index} is an event of device {device}, which has no certificate in the bundle")]
    UnknownDevice {
        /// The leaf.
        index: u64,
        /// The device.
        device: DeviceId,
    },
    /// An event is damaged, or its device did not sign it.
    #[error("leaf {index}: {why}")]
    Event {
        /// The leaf.
        index: u64,
        /// Why it was refused.
        why: EventRejection,
    },
    /// A device's chain has a gap or a fork.
    #[error("leaf {index} does not continue the chain of device {device}: {why}")]
    Chain {
        /// The leaf.
        index: u64,
        /// The device.
        device: DeviceId,
        /// How it does not.
        why: ChainBreak,
    },
    /// The leaves do not hash to the signed root.
    #[error("the leaves hash to {computed}, the log signed {signed}: a leaf or salt was changed")]
    Root {
        /// What the bundle's leaves give.
        computed: Hash,
        /// What the log signed.
        signed: Hash,
    },
    /// No coordinator closed the month in this log.
    #[error("no coordinator closed {0} in this log")]
    NotClosed(Month),
    /// A tag list is damaged, or leaves a gap, or does not say which child a leaf is about.
    #[error("the tags, leaf {index}: {why}")]
    Tags {
        /// The list's leaf, or the one that cannot be tagged.
        index: u64,
        /// Why it was refused.
        why: String,
    },
    /// Leaves before the month's close have no tag, so that parents cannot find them.
    #[error("leaves from {from} on have no tags, and leaf {close} closes the month")]
    Untagged {
        /// The first one.
        from: u64,
        /// The leaf that closes the month.
        close: u64,
    },
    /// A tranche is damaged, or the log did not sign it.
    #[error("leaf {index} is no tranche of this log: {why}")]
    Tranche {
        /// The leaf.
        index: u64,
        /// Why it was refused.
        why: String,
    },
    /// The month has no tranche in this log.
    #[error("the log has no tranche of {0}")]
    NoTranche(Month),
    /// The month has two tranches in this log.
    #[error("the log has two tranches of {month}, the second is leaf {index}")]
    SecondTranche {
        /// The month.
        month: Month,
        /// The second one's leaf.
        index: u64,
    },
    /// The tranche could not be computed from the log.
    #[error("the tranche cannot be computed: {0}")]
    Compute(#[from] TrancheError),
    /// The signed tranche is another than the computed one.
    #[error("computed and signed tranche differ in {first}")]
    Differs {
        /// The first difference: computed, then signed.
        first: String,
    },
    /// The registry could not be made from the tranche.
    #[error("the registry cannot be made: {0}")]
    Registry(#[from] RegistryError),
}

impl AuditFinding {
    /// Names the check that failed.
    pub(crate) fn check(&self) -> &'static str {
        match self {
            Self::NotABundle(_) => "file",
            Self::Roots(_) | Self::OtherRoots { .. } => "roots",
            Self::TrustList(_) => "trust list",
            Self::Checkpoint(_) => "checkpoint",
            Self::Size { .. } | Self::Salt { .. } | Self::Misplaced { .. } => "leaves",
            Self::Genesis { .. } => "genesis",
            Self::Snapshot(_) => "snapshot",
            Self::Card { .. } | Self::SecondCard { .. } => "card",
            Self::Certificate { .. }
            | Self::DoubleCertificate { .. }
            | Self::UnknownDevice { .. } => "certificates",
            Self::Event { .. } => "event signature",
            Self::Chain { .. } => "chain",
            Self::Root { .. } => "root",
            Self::NotClosed(_) => "close",
            Self::Tags { .. } | Self::Untagged { .. } => "tags",
            Self::Tranche { .. } | Self::NoTranche(_) | Self::SecondTranche { .. } => "tranche",
            Self::Compute(_) | Self::Differs { .. } => "recomputed tranche",
            Self::Registry(_) => "registry",
        }
    }
}
