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

/// Shows who brings own children beside the parents, or did.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DelegateView {
    /// The device's id.
    pub device: String,
    /// Its name, as the parent gave it.
    pub name: String,
    /// The names of the children entrusted to it.
    pub children: Vec<String>,
    /// Until when.
    pub until_ms: i64,
    /// How it stands.
    pub state: DelegateState,
}

/// How somebody stands who brings children.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegateState {
    /// May bring them.
    Named,
    /// The parent ended it on this device, and the server does not show it yet.
    Ending,
    /// The parent, or a coordinator, ended it.
    Ended,
    /// Its time is over.
    Over,
}

/// Shows a paper card, to be printed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct PaperCardView {
    /// The text of the QR.
    pub text: String,
    /// What stands under it, to be typed.
    pub code: String,
}
