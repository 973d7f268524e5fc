//! What a carrier may know of a parcel: who made it, and how many events it says it has.

use attendance::DeviceId;
use carriage::Parcel;

/// What stands on the outside of a parcel. Nobody has verified it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// The device that made it.
    pub device: DeviceId,
    /// How many events it says it has.
    pub events: u16,
}

impl Header {
    /// Reads the outside of a parcel; an error says why the bytes are none.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let header = Parcel::parse(bytes).map_err(|why| why.to_string())?.header();
        Ok(Self { device: header.device, events: header.events })
    }
}
