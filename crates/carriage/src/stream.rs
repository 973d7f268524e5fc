//! The endless stream of frames of one object.

use raptorq::{ObjectTransmissionInformation, SourceBlockEncoder};

use crate::frame::{
    Frame, MAX_SYMBOL_BYTES, MAX_SYMBOLS, MIN_SYMBOL_BYTES, SYMBOL_IDS, TransferId, TransferName,
};

/// Why an object does not go into frames.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// There is nothing to send.
    #[error("there is nothing to send")]
    Empty,
    /// It has more symbols than a collector takes.
    #[error("{bytes} bytes are too many to send in symbols of {symbol_bytes} bytes")]
    TooLarge {
        /// How many bytes there are.
        bytes: usize,
        /// How long a symbol is.
        symbol_bytes: u16,
    },
    /// Symbols of this length are not made.
    #[error("a symbol has {MIN_SYMBOL_BYTES} to {MAX_SYMBOL_BYTES} bytes, not {0}")]
    SymbolBytes(u16),
}

/// Makes the frames of one object: any that are enough in number give the object again.
#[derive(Clone, Debug)]
pub struct FrameStream {
    transfer: TransferName,
    /// The object and zeros, up to whole symbols.
    padded: Vec<u8>,
    encoder: SourceBlockEncoder,
}

impl FrameStream {
    /// Prepares the frames of an object.
    ///
    /// # Errors
    /// [`StreamError`] if it is empty or too large.
    pub fn new(object: &[u8], symbol_bytes: u16) -> Result<Self, StreamError> {
        if !(MIN_SYMBOL_BYTES..=MAX_SYMBOL_BYTES).contains(&symbol_bytes) {
            return Err(StreamError::SymbolBytes(symbol_bytes));
        }
        if object.is_empty() {
            return Err(StreamError::Empty);
        }
        let too_large = StreamError::TooLarge { bytes: object.len(), symbol_bytes };
        let object_bytes = u32::try_from(object.len()).map_err(|_| too_large)?;
        let id = TransferId::of(seal::sha256(object));
        let transfer = TransferName { id, object_bytes, symbol_bytes };
        if transfer.symbols() > MAX_SYMBOLS {
            return Err(too_large);
        }
        let mut padded = object.to_vec();
        padded.resize(object.len().next_multiple_of(usize::from(symbol_bytes)), 0);
        let encoder = SourceBlockEncoder::new(0, &one_block(&transfer), &padded);
        Ok(Self { transfer, padded, encoder })
    }

    /// Says what all its frames have in common.
    #[must_use]
    pub fn transfer(&self) -> TransferName {
        self.transfer
    }

    /// Gives the frame with this number, counted around [`SYMBOL_IDS`]. The first
    /// [`TransferName::symbols`] are the object itself.
    #[must_use]
    pub fn frame(&self, number: u32) -> Frame {
        let symbol_id = number % SYMBOL_IDS;
        let symbols = self.transfer.symbols();
        let symbol = if symbol_id < symbols {
            let mut parts = self.padded.chunks_exact(usize::from(self.transfer.symbol_bytes));
            parts.nth(symbol_id as usize).map(<[u8]>::to_vec)
        } else {
            let made = self.encoder.repair_packets(symbol_id - symbols, 1).pop();
            made.map(|packet| packet.data().to_vec())
        };
        let symbol = symbol.expect("every number has a symbol");
        Frame { transfer: self.transfer, symbol_id, symbol }
    }
}

/// Describes a transfer as one source block without sub-blocks ([RFC 6330 §4.4.1.2]).
///
/// [RFC 6330 §4.4.1.2]: https://www.rfc-editor.org/rfc/rfc6330#section-4.4.1.2
pub(crate) fn one_block(transfer: &TransferName) -> ObjectTransmissionInformation {
    let TransferName { object_bytes, symbol_bytes, .. } = *transfer;
    ObjectTransmissionInformation::new(u64::from(object_bytes), symbol_bytes, 1, 1, 1)
}
