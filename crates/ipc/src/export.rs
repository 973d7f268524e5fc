//! What a device hands over to rebuild its server.

use serde::{Deserialize, Serialize};

/// Gives the file, and says what is in it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ExportView {
    /// The file's name.
    pub name: String,
    /// The file's bytes.
    pub bytes: Vec<u8>,
    /// How many entries of the log it opens.
    pub leaves: u64,
    /// How many own records have no receipt yet; they are in it too.
    pub unreceipted: u64,
}
