//! Opening the device's database, and saving what a damaged one still holds.

use std::path::Path;

use chrono::DateTime;
use device::{Clock as _, Device, OpenError};
use seal::Signer as _;

use crate::clock::ShellClock;
use crate::error::ShellError;
use crate::key::Keys;

/// Opens the database at `path`; a damaged one is kept, and a new one with all that could be read takes
/// its place.
pub(crate) fn open(path: &Path, keys: &Keys, clock: &ShellClock) -> Result<Device, ShellError> {
    let failed = |source| ShellError::Open { path: path.to_owned(), source };
    match open_once(path, keys, clock) {
        Err(OpenError::Corrupt) => {}
        opened => return opened.map_err(failed),
    }
    let now_ms = clock.now().wall_ms;
    let owner = keys.signer.public_key();
    let ending = free_ending(path, now_ms);
    let saved = Device::salvage(path, Some(&keys.database), &owner, now_ms, &ending)
        .map_err(|source| ShellError::Salvage { path: path.to_owned(), source })?;
    tracing::warn!(
        kept_as = saved.kept_as,
        events = saved.events,
        missing = saved.missing,
        "the data file was damaged: what could be read was saved into a new one"
    );
    open_once(path, keys, clock).map_err(failed)
}

fn open_once(path: &Path, keys: &Keys, clock: &ShellClock) -> Result<Device, OpenError> {
    let (signer, clock) = (Box::new(keys.signer.clone()), Box::new(clock.clone()));
    #[cfg(feature = "encrypted")]
    return Device::open_encrypted(path, &keys.database, signer, clock);
    #[cfg(not(feature = "encrypted"))]
    Device::open(path, signer, clock)
}

/// Names a damaged file by the time, so that one never takes the place of another.
fn free_ending(path: &Path, now_ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
    let ending = format!(".damaged-{}", time.format("%Y%m%dT%H%M%SZ"));
    let is_free = |ending: &String| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        !Path::new(&name).exists()
    };
    let others = (2..).map(|n: u32| format!("{ending}-{n}"));
    core::iter::once(ending.clone()).chain(others).find(is_free).unwrap_or(ending)
}
