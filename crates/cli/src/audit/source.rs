//! Where a bundle comes from: a file that is read once for each question, or memory.
//!
//! A bundle of a whole country has some gigabytes. What an audit must have at hand is its head; its leaves
//! are looked at one after another, and are never all in memory.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use attendance::LeafKind;
use serde::de::DeserializeSeed as _;
use sync_api::{Base64, Bundle, BundleHead, BundleLeaf, BundlePart, BundleReader};

use super::AuditFinding;

/// Why an audit came to no result.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something does not hold.
    Finding(Box<AuditFinding>),
    /// The file could not be read.
    Read(std::io::Error),
    /// Whoever went through it has seen what it was after.
    Enough,
}

impl<F: Into<AuditFinding>> From<F> for Stop {
    fn from(finding: F) -> Self {
        Self::Finding(Box::new(finding.into()))
    }
}

/// A bundle that can be gone through more than once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    Memory(&'a Bundle),
    File(&'a Path),
}

/// A piece of a bundle.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    Certificate(usize, &'a Base64),
    Leaf(u64, &'a BundleLeaf),
}

/// What the leaves are like, before anything of them is believed.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The first leaf.
    pub(super) genesis: Option<Vec<u8>>,
    /// The first leaf of a kind that does not belong where it is.
    pub(super) misplaced: Option<(u64, LeafKind)>,
}

impl Outline {
    /// The log begins with its name, which does not come again, and a snapshot.
    fn take(&mut self, index: u64, leaf: &BundleLeaf) {
        let belongs = match leaf.kind {
            LeafKind::Genesis => index == 0,
            LeafKind::Snapshot => index > 0,
            LeafKind::Event | LeafKind::Tranche | LeafKind::Card | LeafKind::Tags => index > 1,
        };
        if !belongs && self.misplaced.is_none() {
            self.misplaced = Some((index, leaf.kind));
        }
        if index == 0 {
            self.genesis = Some(leaf.bytes.0.clone());
        }
    }
}

impl Source<'_> {
    /// Reads all but certificates and leaves, and looks at the leaves' outline.
    pub(super) fn head(&self) -> Result<(BundleHead, Outline), Stop> {
        let mut outline = Outline::default();
        let mut look = |part: Part<'_>| {
            if let Part::Leaf(index, leaf) = part {
                outline.take(index, leaf);
            }
            Ok(())
        };
        let head = self.read(&mut look)?;
        Ok((head, outline))
    }

    /// Goes through certificates and leaves. What the function refuses ends it.
    pub(super) fn walk(
        &self,
        look: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.read(look).map(drop)
    }

    fn read(&self, look: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>) -> Result<BundleHead, Stop> {
        match self {
            Self::Memory(bundle) => in_memory(bundle, look),
            Self::File(path) => in_file(path, look),
        }
    }
}

fn in_memory(
    bundle: &Bundle,
    look: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>,
) -> Result<BundleHead, Stop> {
    for (position, certificate) in bundle.certificates.iter().enumerate() {
        look(Part::Certificate(position, certificate))?;
    }
    for (index, leaf) in (0..).zip(&bundle.leaves) {
        look(Part::Leaf(index, leaf))?;
    }
    Ok(BundleHead {
        format: bundle.format.clone(),
        month: bundle.month,
        roots: bundle.roots.clone(),
        trust_list: bundle.trust_list.clone(),
        checkpoint: bundle.checkpoint.clone(),
        certificates: bundle.certificates.len(),
        leaves: bundle.leaves.len() as u64,
        tag_keys: bundle.tag_keys.clone(),
    })
}

fn in_file(
    path: &Path,
    look: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>,
) -> Result<BundleHead, Stop> {
    let file = File::open(path).map_err(Stop::Read)?;
    let mut reader =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(READ_AT_ONCE, file));
    let mut refused = None;
    let take = |part: BundlePart| {
        let part = match &part {
            BundlePart::Certificate(position, bytes) => Part::Certificate(*position, bytes),
            BundlePart::Leaf(index, leaf) => Part::Leaf(*index, leaf),
        };
        refused = look(part).err();
        refused.is_none()
    };
    let head = BundleReader(take).deserialize(&mut reader);
    let head = head.and_then(|head| reader.end().map(|()| head));
    match (refused, head) {
        (Some(stop), _) => Err(stop),
        (None, Ok(head)) => Ok(head),
        (None, Err(error)) if error.is_io() => Err(Stop::Read(error.into())),
        (None, Err(error)) => Err(AuditFinding::NotABundle(error.to_string()).into()),
    }
}

const READ_AT_ONCE: usize = 1 << 20;
