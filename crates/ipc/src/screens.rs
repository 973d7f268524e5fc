//! Events that go from one screen to another.

use serde::{Deserialize, Serialize};

/// Some frames of what is shown, as texts for a QR each; any that are enough in number give the whole.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FramesView {
    /// How many events are inside.
    pub events: u64,
    /// How many are left for another time.
    pub left: u64,
    /// How many frames the other side needs at least.
    pub needed: u32,
    /// The texts, from the number that was asked for on.
    pub frames: Vec<String>,
}

/// How far it is what comes from another screen.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct CollectedView {
    /// Frames that came, each once.
    pub received: u32,
    /// Frames that are needed; one or two more may be.
    pub needed: u32,
    /// What came, once it is whole.
    pub brought: Option<Brought>,
}

/// What came from another screen.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Brought {
    /// The server's answer to a parcel of this device.
    Answer {
        /// Events that the server has.
        taken: u64,
        /// Events that it put aside.
        parked: u64,
        /// Receipts that are new here.
        receipted: u64,
    },
    /// A parcel of another device, for the server.
    Parcel {
        /// The other device.
        device: String,
        /// How many events are inside, as it says.
        events: u64,
    },
    /// Something else.
    Other {},
}
