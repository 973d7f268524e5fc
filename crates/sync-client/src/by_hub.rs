//! A visit to a hub: answers are fetched, and what waits is left there.

use device::ParcelError;

use crate::hub::{HubContact, HubError, HubSays, storage};
use crate::shared::SharedDevice;

/// The most bytes of a parcel: a bad line loses less of a small one.
const PARCEL_BYTES: usize = 48 * 1024;
/// The most parcels that are sealed in one visit.
const PARCELS_MAX: usize = 200;

/// What a visit to a hub did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HubReport {
    /// Events that the hub newly carries, by its verified word.
    pub carried: u64,
    /// Answers of the server that came back.
    pub answers: u64,
    /// Receipts that were verified and kept.
    pub receipted: u64,
    /// Events that the server put aside.
    pub parked: u64,
    /// Parcels that wait at the hub for a way to the server.
    pub waiting: u64,
    /// Lists of the district that are newer here now: trust, revoked devices, revoked cards.
    pub lists: u64,
    /// Why a parcel was not taken, or an answer or a list not believed; the last one, in words.
    pub refused: Option<String>,
}

impl HubContact {
    /// Hears the news, fetches the answers to own parcels, then seals what is in none, and leaves with the hub what is
    /// not there. An answer is judged as if it came from the server itself.
    ///
    /// # Errors
    /// [`HubError`] if the hub goes away or has no room; what was done stays done.
    pub async fn exchange(&self, device: &SharedDevice) -> Result<HubReport, HubError> {
        // First: a newer trust list may have the key that signed an answer.
        let told = self.hear(device).await?;
        let mut report = HubReport {
            lists: u64::from(told.lists),
            refused: told.refused,
            ..HubReport::default()
        };
        let parcels = device.with(|device| device.own_parcels()).await.map_err(storage)?;
        for parcel in parcels {
            match self.ask(parcel.name).await? {
                HubSays::Answer(bytes) => take(device, bytes, &mut report).await?,
                HubSays::Refused(reason) => {
                    let name = parcel.name;
                    let given = device.with(move |device| device.give_parcel_up(name)).await;
                    given.map_err(storage)?;
                    report.refused = Some(reason);
                }
                HubSays::Waiting | HubSays::Unknown => {}
            }
        }
        seal_waiting(device).await?;
        let parcels = device.with(|device| device.own_parcels()).await.map_err(storage)?;
        for parcel in parcels {
            // It is given once more where it is already: the word for it may have been lost.
            let (name, events) = (parcel.name, parcel.events);
            report.carried += self.bring(device, name, events, parcel.bytes).await?;
            report.waiting += 1;
        }
        Ok(report)
    }
}

/// Seals what waits and is in no parcel on its way.
///
/// # Errors
/// [`HubError::NoKey`] if the device cannot seal yet, [`HubError::Device`] if its storage fails.
pub async fn seal_waiting(device: &SharedDevice) -> Result<(), HubError> {
    for _ in 0..PARCELS_MAX {
        let random = device.random().map_err(storage)?;
        match device.with(move |device| device.seal_own_parcel(PARCEL_BYTES, random)).await {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(ParcelError::NoKey) => return Err(HubError::NoKey),
            Err(error) => return Err(storage(error)),
        }
    }
    Ok(())
}

async fn take(
    device: &SharedDevice,
    bytes: Vec<u8>,
    report: &mut HubReport,
) -> Result<(), HubError> {
    match device.with(move |device| device.take_carried_answer(&bytes)).await {
        Ok(taken) => {
            report.answers += 1;
            report.receipted += taken.receipted as u64;
            report.parked += taken.parked as u64;
        }
        Err(ParcelError::Store(error)) => return Err(storage(error)),
        // A hub that makes answers up gets nobody further, and keeps nobody from the other ways.
        Err(error) => report.refused = Some(error.to_string()),
    }
    Ok(())
}
