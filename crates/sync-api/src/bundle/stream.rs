//! A bundle read piece by piece: what is in memory does not grow with the log.

use core::fmt;
use core::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::BundleLeaf;
use crate::bytes::Base64;
use crate::tags::ChildTagKey;

/// A piece of a bundle that is handed out as it is read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BundlePart {
    /// The next certificate, with its position from 0.
    Certificate(usize, Base64),
    /// The next leaf, with its index.
    Leaf(u64, BundleLeaf),
    /// The next key that the tag lists were made with.
    TagKey(ChildTagKey),
}

/// A [`Bundle`](super::Bundle) without what is handed out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BundleHead {
    /// [`BUNDLE_FORMAT`](super::BUNDLE_FORMAT).
    pub format: String,
    /// `year * 100 + month`.
    pub month: u32,
    /// The root keys.
    pub roots: Base64,
    /// The signed trust list.
    pub trust_list: Base64,
    /// The checkpoint over all leaves, as a signed note.
    pub checkpoint: String,
    /// How many certificates there were.
    pub certificates: usize,
    /// How many leaves there were.
    pub leaves: u64,
    /// The key of tags for leaves about no child, if the bundle has tag keys.
    pub nobody_key: Option<Base64>,
}

/// Reads a bundle in the form that [`Bundle`](super::Bundle) has, and hands out certificates, leaves and tag
/// keys in the file's order. The fields may come in any order. If the function gives `false`, reading ends with an
/// error.
///
/// ```
/// use serde::de::DeserializeSeed as _;
/// use sync_api::{BundlePart, BundleReader};
///
/// let json = r#"{ "format": "qatysu-bundle/1", "month": 202609, "roots": "", "trust_list": "",
///     "checkpoint": "", "certificates": ["AA=="], "leaves": [] }"#;
/// let mut seen = Vec::new();
/// let mut reader = serde_json::Deserializer::from_str(json);
/// let head = BundleReader(|part| {
///     seen.push(part);
///     true
/// })
/// .deserialize(&mut reader)?;
/// assert_eq!((head.certificates, head.leaves), (1, 0));
/// assert!(matches!(&seen[..], [BundlePart::Certificate(0, _)]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BundleReader<F>(pub F);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Format,
    Month,
    Roots,
    TrustList,
    Checkpoint,
    Certificates,
    Leaves,
    TagKeys,
}

impl<'de, F: FnMut(BundlePart) -> bool> DeserializeSeed<'de> for BundleReader<F> {
    type Value = BundleHead;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<BundleHead, D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de, F: FnMut(BundlePart) -> bool> Visitor<'de> for BundleReader<F> {
    type Value = BundleHead;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bundle")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<BundleHead, A::Error> {
        let (mut format, mut month, mut roots, mut trust_list) = (None, None, None, None);
        let (mut checkpoint, mut certificates, mut leaves, mut tag_keys) = (None, None, None, None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::Format => once(&mut format, "format", &mut map)?,
                Field::Month => once(&mut month, "month", &mut map)?,
                Field::Roots => once(&mut roots, "roots", &mut map)?,
                Field::TrustList => once(&mut trust_list, "trust_list", &mut map)?,
                Field::Checkpoint => once(&mut checkpoint, "checkpoint", &mut map)?,
                Field::TagKeys => {
                    let keys = map.next_value_seed(TagKeys(&mut self.0))?;
                    fill(&mut tag_keys, keys, "tag_keys")?;
                }
                Field::Certificates => {
                    let give = |at, one| (self.0)(BundlePart::Certificate(at, one));
                    let count = map.next_value_seed(Each { give, of: PhantomData })?;
                    fill(&mut certificates, count, "certificates")?;
                }
                Field::Leaves => {
                    let give = |at, one| (self.0)(BundlePart::Leaf(at as u64, one));
                    let count = map.next_value_seed(Each { give, of: PhantomData })?;
                    fill(&mut leaves, count as u64, "leaves")?;
                }
            }
        }
        Ok(BundleHead {
            format: format.ok_or_else(|| A::Error::missing_field("format"))?,
            month: month.ok_or_else(|| A::Error::missing_field("month"))?,
            roots: roots.ok_or_else(|| A::Error::missing_field("roots"))?,
            trust_list: trust_list.ok_or_else(|| A::Error::missing_field("trust_list"))?,
            checkpoint: checkpoint.ok_or_else(|| A::Error::missing_field("checkpoint"))?,
            certificates: certificates.ok_or_else(|| A::Error::missing_field("certificates"))?,
            leaves: leaves.ok_or_else(|| A::Error::missing_field("leaves"))?,
            nobody_key: tag_keys.flatten(),
        })
    }
}

fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    fill(place, map.next_value()?, name)
}

fn fill<T, E: serde::de::Error>(
    place: &mut Option<T>,
    value: T,
    name: &'static str,
) -> Result<(), E> {
    if place.replace(value).is_some() { Err(E::duplicate_field(name)) } else { Ok(()) }
}

/// Hands out the keys of children, and gives nobody's.
struct TagKeys<'f, F>(&'f mut F);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum TagKeysField {
    Nobody,
    Children,
}

impl<'de, F: FnMut(BundlePart) -> bool> DeserializeSeed<'de> for TagKeys<'_, F> {
    type Value = Option<Base64>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_option(self)
    }
}

impl<'de, F: FnMut(BundlePart) -> bool> Visitor<'de> for TagKeys<'_, F> {
    type Value = Option<Base64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the keys of tags")
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut nobody, mut children) = (None, None);
        while let Some(field) = map.next_key()? {
            match field {
                TagKeysField::Nobody => once(&mut nobody, "nobody", &mut map)?,
                TagKeysField::Children => {
                    let give = |_, one| (self.0)(BundlePart::TagKey(one));
                    let count = map.next_value_seed(Each { give, of: PhantomData })?;
                    fill(&mut children, count, "children")?;
                }
            }
        }
        children.ok_or_else(|| A::Error::missing_field("children"))?;
        nobody.ok_or_else(|| A::Error::missing_field("nobody")).map(Some)
    }
}

/// Hands out each element of a sequence, and counts them.
struct Each<T, G> {
    give: G,
    of: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>, G: FnMut(usize, T) -> bool> DeserializeSeed<'de> for Each<T, G> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<usize, D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, G: FnMut(usize, T) -> bool> Visitor<'de> for Each<T, G> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while let Some(one) = seq.next_element()? {
            if !(self.give)(count, one) {
                return Err(A::Error::custom("whoever reads had enough"));
            }
            count += 1;
        }
        Ok(count)
    }
}
