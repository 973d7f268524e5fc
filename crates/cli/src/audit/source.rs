//! Where a bundle comes from: a file that is read once for each question, or memory.
//!
//! A bundle of a whole country has some gigabytes. What an audit must have at hand is its head; its leaves
//! are looked at one after another, and are never all in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use attendance::LeafKind;
use seal::{Digest, Hash};
use serde::de::DeserializeSeed as _;
use sync_api::{Base64, Bundle, BundleHead, BundleLeaf, BundlePart, BundleReader, ChildTagKey};
use tlog::salted_leaf;

use super::AuditFinding;
use super::long::{LongStrings, Nonce, Place};
use super::tags::ReadTagKeys;

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
    TagKey(&'a ChildTagKey),
    Leaf(u64, Leaf<'a>),
}

/// A leaf of a bundle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf<'a> {
    pub(super) kind: LeafKind,
    pub(super) salt: &'a [u8],
    pub(super) bytes: LeafBytes<'a>,
}

/// Where a leaf's bytes are.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeafBytes<'a> {
    Here(&'a [u8]),
    /// In the file: they are too many to be read before somebody needs them.
    There(&'a Path, Place),
}

/// The bytes of a leaf that is looked at later: here, or where they are.
#[derive(Debug)]
pub(super) enum Held {
    Here(Vec<u8>),
    There(PathBuf, Place),
}

impl Held {
    pub(super) fn of(bytes: LeafBytes<'_>) -> Self {
        match bytes {
            LeafBytes::Here(bytes) => Self::Here(bytes.to_vec()),
            LeafBytes::There(path, place) => Self::There(path.to_owned(), place),
        }
    }

    pub(super) fn read(&self) -> Result<Cow<'_, [u8]>, Stop> {
        match self {
            Self::Here(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::There(path, place) => Ok(Cow::Owned(place.read(path).map_err(unreadable)?)),
        }
    }

    /// Gives the leaf's data: its hash under the salt.
    pub(super) fn salted(&self, salt: &[u8; 16]) -> Result<Hash, Stop> {
        match self {
            Self::Here(bytes) => Ok(salted_leaf(salt, bytes)),
            Self::There(path, place) => {
                let mut digest = Digest::default();
                digest.update(salt);
                let mut bytes = place.open(path).map_err(Stop::Read)?;
                std::io::copy(&mut bytes, &mut digest).map_err(unreadable)?;
                Ok(digest.finish())
            }
        }
    }
}

/// What the leaves are like, before anything of them is believed.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The first leaf.
    pub(super) genesis: Option<Vec<u8>>,
    /// The first leaf of a kind that does not belong where it is.
    pub(super) misplaced: Option<(u64, LeafKind)>,
    /// Tranches of any month, and their leaves.
    pub(super) tranches: Vec<(u64, Held)>,
    pub(super) tag_keys: ReadTagKeys,
}

impl Outline {
    /// The log begins with its name, which does not come again, and a snapshot.
    fn take(&mut self, index: u64, leaf: Leaf<'_>) {
        let belongs = match leaf.kind {
            LeafKind::Genesis => index == 0,
            LeafKind::Snapshot => index > 0,
            LeafKind::Event | LeafKind::Tranche | LeafKind::Card | LeafKind::Tags => index > 1,
        };
        if !belongs && self.misplaced.is_none() {
            self.misplaced = Some((index, leaf.kind));
        }
        if index == 0
            && let LeafBytes::Here(bytes) = leaf.bytes
        {
            self.genesis = Some(bytes.to_vec());
        }
        if leaf.kind == LeafKind::Tranche {
            self.tranches.push((index, Held::of(leaf.bytes)));
        }
    }
}

impl Source<'_> {
    /// Reads all but certificates and leaves, and looks at the leaves' outline.
    pub(super) fn head(&self) -> Result<(BundleHead, Outline), Stop> {
        let mut outline = Outline::default();
        let mut look = |part: Part<'_>| {
            match part {
                Part::Leaf(index, leaf) => outline.take(index, leaf),
                Part::TagKey(key) => outline.tag_keys.take(key),
                Part::Certificate(..) => {}
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
        let BundleLeaf { kind, salt, bytes } = leaf;
        let bytes = LeafBytes::Here(&bytes.0);
        look(Part::Leaf(index, Leaf { kind: *kind, salt: &salt.0, bytes }))?;
    }
    for key in bundle.tag_keys.iter().flat_map(|keys| &keys.children) {
        look(Part::TagKey(key))?;
    }
    Ok(BundleHead {
        format: bundle.format.clone(),
        month: bundle.month,
        roots: bundle.roots.clone(),
        trust_list: bundle.trust_list.clone(),
        checkpoint: bundle.checkpoint.clone(),
        certificates: bundle.certificates.len(),
        leaves: bundle.leaves.len() as u64,
        nobody_key: bundle.tag_keys.as_ref().map(|keys| keys.nobody.clone()),
    })
}

fn in_file(
    path: &Path,
    look: &mut dyn FnMut(Part<'_>) -> Result<(), Stop>,
) -> Result<BundleHead, Stop> {
    let file = File::open(path).map_err(Stop::Read)?;
    let nonce = Nonce::draw().map_err(Stop::Read)?;
    let file = LongStrings::new(BufReader::with_capacity(READ_AT_ONCE, file), nonce);
    let file = BufReader::with_capacity(READ_AT_ONCE, file);
    let mut reader = serde_json::Deserializer::from_reader(file);
    let mut refused = None;
    let take = |part: BundlePart| {
        let part = match &part {
            BundlePart::Certificate(position, bytes) => Part::Certificate(*position, bytes),
            BundlePart::TagKey(key) => Part::TagKey(key),
            BundlePart::Leaf(index, BundleLeaf { kind, salt, bytes }) => {
                let place = nonce.place(&bytes.0);
                let here = LeafBytes::Here(&bytes.0);
                let bytes = place.map_or(here, |place| LeafBytes::There(path, place));
                Part::Leaf(*index, Leaf { kind: *kind, salt: &salt.0, bytes })
            }
        };
        refused = look(part).err();
        refused.is_none()
    };
    let head = BundleReader(take).deserialize(&mut reader);
    let head = head.and_then(|head| reader.end().map(|()| head));
    match (refused, head) {
        (Some(stop), _) => Err(stop),
        (None, Ok(head)) => Ok(head),
        (None, Err(error)) if error.is_io() => Err(unreadable(error.into())),
        (None, Err(error)) => Err(AuditFinding::NotABundle(error.to_string()).into()),
    }
}

const READ_AT_ONCE: usize = 1 << 20;

/// A file that cannot be read, or one that can be and is no bundle.
fn unreadable(error: std::io::Error) -> Stop {
    if error.kind() == std::io::ErrorKind::InvalidData {
        return AuditFinding::NotABundle(error.to_string()).into();
    }
    Stop::Read(error)
}
