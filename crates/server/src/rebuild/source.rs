//! What people hand over: files of three forms, and published tiles.

use serde_json::Value;
use sync_api::{BUNDLE_FORMAT, Bundle, RECEIPT_FORMAT, ReceiptFile, SignedExport};
use tlog::TileId;

/// A file that somebody handed over. Nothing of it is verified.
#[derive(Clone, Debug)]
pub struct Source {
    /// What the report calls it: its path.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A log as it was published: C2SP tlog-tiles. Nothing of it is verified.
#[derive(Clone, Debug)]
pub struct Published {
    /// What the report calls it: its directory.
    pub name: String,
    /// The signed note.
    pub checkpoint: String,
    /// The tiles.
    pub tiles: Vec<(TileId, Vec<u8>)>,
}

/// A file of a form that is known.
pub(super) enum Parsed {
    /// What a device handed over.
    Export(Box<SignedExport>),
    /// A receipt that somebody saved.
    Receipt(Box<ReceiptFile>),
    /// The audit bundle of a closed month.
    Bundle(Box<Bundle>),
}

impl Source {
    pub(super) fn parse(&self) -> Result<Parsed, String> {
        if self.bytes.first() != Some(&b'{') {
            let export = SignedExport::parse(&self.bytes).map_err(|why| why.to_string())?;
            return Ok(Parsed::Export(Box::new(export)));
        }
        let json: Value = serde_json::from_slice(&self.bytes)
            .map_err(|why| format!("damaged JSON ({why}): ask for the file again"))?;
        let damaged = |why: serde_json::Error| format!("damaged ({why}): ask for the file again");
        match json.get("format").and_then(Value::as_str) {
            Some(RECEIPT_FORMAT) => {
                Ok(Parsed::Receipt(serde_json::from_value(json).map_err(damaged)?))
            }
            Some(BUNDLE_FORMAT) => {
                Ok(Parsed::Bundle(serde_json::from_value(json).map_err(damaged)?))
            }
            Some(other) => Err(format!("its format {other:?} is unknown here")),
            None => Err("neither a device's export nor a receipt nor an audit bundle".to_owned()),
        }
    }
}
