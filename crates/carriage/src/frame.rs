//! One frame of a transfer: which object, how long, which symbol ([RFC 6330]), and the symbol.
//!
//! | bytes | what |
//! |---:|---|
//! | 1 | 1: the version, and that this is a frame |
//! | 8 | transfer: the first bytes of the SHA-256 of the object |
//! | 4 | length of the object in bytes |
//! | 2 | length of a symbol in bytes |
//! | 3 | number of the symbol |
//! | rest | the symbol |
//!
//! Numbers are big-endian. As text a frame is `OF1:` and Base45 ([RFC 9285]).
//!
//! [RFC 6330]: https://www.rfc-editor.org/rfc/rfc6330
//! [RFC 9285]: https://www.rfc-editor.org/rfc/rfc9285

use core::fmt;

use seal::Hash;

/// Begins the text of a frame.
pub const FRAME_PREFIX: &str = "OF1:";
/// What a frame has beside its symbol, in bytes.
pub const FRAME_HEADER_BYTES: usize = 18;
/// The shortest symbol, in bytes.
pub const MIN_SYMBOL_BYTES: u16 = 16;
/// The longest symbol, in bytes: with the headers of IP and UDP it fits every network.
pub const MAX_SYMBOL_BYTES: u16 = 1200;
/// The most symbols of an object.
pub const MAX_SYMBOLS: u32 = 8192;
/// How many numbers of symbols there are: after the last one follows the first.
pub const SYMBOL_IDS: u32 = 1 << 24;

pub(crate) const KIND: u8 = 1;

/// Why bytes or text were not accepted as a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameRejection {
    /// Some other text or bytes.
    #[error("not a frame")]
    Foreign,
    /// A frame, but damaged.
    #[error("the frame is damaged")]
    Malformed,
}

/// Names a transfer: the first 8 bytes of the SHA-256 of the object.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TransferId(pub [u8; 8]);

impl TransferId {
    /// Derives the name from the object's hash.
    #[must_use]
    pub fn of(hash: Hash) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = hash.0;
        Self([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Says what all frames of one transfer have in common.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TransferName {
    /// Which object.
    pub id: TransferId,
    /// How long it is, in bytes.
    pub object_bytes: u32,
    /// How long a symbol is, in bytes.
    pub symbol_bytes: u16,
}

impl TransferName {
    /// Counts the symbols that the object itself has.
    #[must_use]
    pub fn symbols(&self) -> u32 {
        self.object_bytes.div_ceil(u32::from(self.symbol_bytes.max(1)))
    }

    pub(crate) fn is_sound(&self) -> bool {
        (MIN_SYMBOL_BYTES..=MAX_SYMBOL_BYTES).contains(&self.symbol_bytes)
            && (1..=MAX_SYMBOLS).contains(&self.symbols())
    }
}

/// Holds one frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frame {
    /// Which transfer.
    pub transfer: TransferName,
    /// The number of the symbol: below [`TransferName::symbols`] a part of the object itself, from
    /// there on made of several.
    pub symbol_id: u32,
    /// The symbol.
    pub symbol: Vec<u8>,
}

impl Frame {
    /// Encodes the frame.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_HEADER_BYTES + self.symbol.len());
        bytes.push(KIND);
        bytes.extend(self.transfer.id.0);
        bytes.extend(self.transfer.object_bytes.to_be_bytes());
        bytes.extend(self.transfer.symbol_bytes.to_be_bytes());
        let [_, number @ ..] = self.symbol_id.to_be_bytes();
        bytes.extend(number);
        bytes.extend(&self.symbol);
        bytes
    }

    /// Writes the frame as text for a QR in alphanumeric mode.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{FRAME_PREFIX}{}", base45::encode(self.to_bytes()))
    }

    /// Parses a frame. Whether its symbol belongs to the object shows when all of it is there.
    ///
    /// # Errors
    /// [`FrameRejection`] for anything but a frame.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrameRejection> {
        let (header, symbol) =
            bytes.split_first_chunk::<FRAME_HEADER_BYTES>().ok_or(FrameRejection::Foreign)?;
        let [kind, a, b, c, d, e, f, g, h, l0, l1, l2, l3, s0, s1, n0, n1, n2] = *header;
        if kind != KIND {
            return Err(FrameRejection::Foreign);
        }
        let transfer = TransferName {
            id: TransferId([a, b, c, d, e, f, g, h]),
            object_bytes: u32::from_be_bytes([l0, l1, l2, l3]),
            symbol_bytes: u16::from_be_bytes([s0, s1]),
        };
        if !transfer.is_sound() || symbol.len() != usize::from(transfer.symbol_bytes) {
            return Err(FrameRejection::Malformed);
        }
        let symbol_id = u32::from_be_bytes([0, n0, n1, n2]);
        Ok(Self { transfer, symbol_id, symbol: symbol.to_vec() })
    }

    /// Parses the text of a frame.
    ///
    /// # Errors
    /// [`FrameRejection`] for another text, or a damaged one.
    pub fn parse_text(text: &str) -> Result<Self, FrameRejection> {
        let body = text.trim().strip_prefix(FRAME_PREFIX).ok_or(FrameRejection::Foreign)?;
        if body.len() > 2 * (FRAME_HEADER_BYTES + usize::from(MAX_SYMBOL_BYTES)) {
            return Err(FrameRejection::Malformed);
        }
        let bytes = base45::decode(body).map_err(|_| FrameRejection::Malformed)?;
        // The decoder alone takes a final pair above 255 and drops its high bits (RFC 9285 §4).
        if base45::encode(&bytes) != body {
            return Err(FrameRejection::Malformed);
        }
        Self::parse(&bytes).map_err(|_| FrameRejection::Malformed)
    }
}

/// Tells by its form whether a text is a frame: a scanner hands those to a collector.
#[must_use]
pub fn looks_like_frame(text: &str) -> bool {
    text.trim().starts_with(FRAME_PREFIX)
}
