//! The word for a parcel that is kept.

use attendance::{ACKNOWLEDGEMENT_DOMAIN, ACKNOWLEDGEMENT_VERSION, Acknowledgement};
use device::Device;
use seal::{Hash, SignError};

use crate::store::ParcelStore;

/// Signs the word for a parcel that is kept.
///
/// # Errors
/// [`SignError`] if the key does not sign.
pub fn acknowledge(
    device: &Device,
    parcel: Hash,
    store: &ParcelStore,
) -> Result<Vec<u8>, SignError> {
    let since_ms = store.find(parcel).map(|carried| carried.since_ms);
    let said = Acknowledgement {
        version: ACKNOWLEDGEMENT_VERSION,
        parcel,
        carrier: device.id(),
        at_ms: since_ms.unwrap_or_else(|| device.now().wall_ms),
    };
    device.sign(ACKNOWLEDGEMENT_DOMAIN, seal::to_canonical(&said))
}
