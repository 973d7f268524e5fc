//! A bundle written piece by piece: what is in memory does not grow with the log.

use std::io::{Result, Write};

use serde::Serialize;

use super::{BUNDLE_FORMAT, BundleLeaf, BundleTagKeys};
use crate::bytes::Base64;

/// What a bundle begins with, before its leaves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BundleStart {
    /// `year * 100 + month`.
    pub month: u32,
    /// The root keys.
    pub roots: Base64,
    /// The signed trust list.
    pub trust_list: Base64,
    /// The checkpoint over all leaves, as a signed note.
    pub checkpoint: String,
    /// Certificates of the devices whose events are in the log.
    pub certificates: Vec<Base64>,
}

/// The same, as a [`Bundle`](super::Bundle) has it.
#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    month: u32,
    roots: &'a Base64,
    trust_list: &'a Base64,
    checkpoint: &'a str,
    certificates: &'a [Base64],
}

/// Writes the bytes that a [`Bundle`](super::Bundle) as JSON has: the start, each leaf from the first, and the keys
/// of the tags.
///
/// ```
/// use sync_api::{Base64, BundleStart, BundleTagKeys, BundleWriter};
///
/// let nothing = || Base64(Vec::new());
/// let start = BundleStart {
///     month: 202_609,
///     roots: nothing(),
///     trust_list: nothing(),
///     checkpoint: String::new(),
///     certificates: vec![],
/// };
/// let mut file = Vec::new();
/// let writer = BundleWriter::begin(&start, &mut file)?;
/// writer.finish(&BundleTagKeys { nobody: nothing(), children: vec![] }, &mut file)?;
/// assert!(file.starts_with(br#"{"format":"qatysu-bundle/1","month":202609,"#));
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
#[must_use = "a bundle ends with the keys of its tags"]
pub struct BundleWriter {
    any: bool,
}

impl BundleWriter {
    /// Writes all that comes before the leaves.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn begin(start: &BundleStart, out: &mut impl Write) -> Result<Self> {
        let BundleStart { month, roots, trust_list, checkpoint, certificates } = start;
        let (format, month) = (BUNDLE_FORMAT, *month);
        let written = Written { format, month, roots, trust_list, checkpoint, certificates };
        let json = serde_json::to_string(&written)?;
        out.write_all(json.strip_suffix('}').unwrap_or(&json).as_bytes())?;
        out.write_all(b",\"leaves\":[")?;
        Ok(Self { any: false })
    }

    /// Writes the next leaf.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn leaf(&mut self, leaf: &BundleLeaf, out: &mut impl Write) -> Result<()> {
        if self.any {
            out.write_all(b",")?;
        }
        self.any = true;
        Ok(serde_json::to_writer(out, leaf)?)
    }

    /// Writes what comes after the leaves.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn finish(self, keys: &BundleTagKeys, out: &mut impl Write) -> Result<()> {
        out.write_all(b"],\"tag_keys\":")?;
        serde_json::to_writer(&mut *out, keys)?;
        out.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use attendance::{ChildId, LeafKind};

    use super::*;
    use crate::{Bundle, ChildTagKey};

    #[test]
    fn pieces_are_the_bytes_of_the_whole() {
        for leaves in 0..3u8 {
            let bundle = Bundle {
                format: BUNDLE_FORMAT.to_owned(),
                month: 202_609,
                roots: Base64(vec![1, 2]),
                trust_list: Base64(vec![3]),
                checkpoint: "log.example/2026\n1\n\"quoted\"\n".to_owned(),
                certificates: vec![Base64(vec![4; usize::from(leaves)]); usize::from(leaves)],
                leaves: (0..leaves)
                    .map(|at| BundleLeaf {
                        kind: LeafKind::Event,
                        salt: Base64(vec![at; 16]),
                        bytes: Base64(vec![at; 40]),
                    })
                    .collect(),
                tag_keys: Some(BundleTagKeys {
                    nobody: Base64(vec![9; 32]),
                    children: vec![ChildTagKey {
                        child: ChildId([7; 12]),
                        key: Base64(vec![8; 32]),
                    }],
                }),
            };
            let start = BundleStart {
                month: bundle.month,
                roots: bundle.roots.clone(),
                trust_list: bundle.trust_list.clone(),
                checkpoint: bundle.checkpoint.clone(),
                certificates: bundle.certificates.clone(),
            };
            let mut out = Vec::new();
            let mut writer = BundleWriter::begin(&start, &mut out).unwrap();
            for leaf in &bundle.leaves {
                writer.leaf(leaf, &mut out).unwrap();
            }
            writer.finish(bundle.tag_keys.as_ref().unwrap(), &mut out).unwrap();
            assert_eq!(out, serde_json::to_vec(&bundle).unwrap());
        }
    }
}
