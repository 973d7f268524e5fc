//! What a family's phone shows at the door.

use serde::{Deserialize, Serialize};

/// Shows the code of an own child, for this moment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CodeView {
    /// The child's id.
    pub child: String,
    /// The child's name.
    pub name: String,
    /// The text of the QR.
    pub text: String,
    /// How long it is shown before the next one, milliseconds.
    pub left_ms: u64,
    /// The child's paper card, once it is known here.
    pub paper: Option<PaperCardView>,
}

/// Shows a paper card, to be printed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PaperCardView {
    /// The text of the QR.
    pub text: String,
    /// What stands under it, to be typed.
    pub code: String,
}
