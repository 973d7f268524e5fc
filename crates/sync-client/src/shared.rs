//! One device, used by screens and by the sync in turn.

use std::sync::{Arc, Mutex, PoisonError};

use device::Device;

/// Shares one open device. Each use is one verb; the lock is never held across a wait.
#[derive(Clone, Debug)]
pub struct SharedDevice(Arc<Mutex<Device>>);

impl SharedDevice {
    /// Wraps an open device.
    #[must_use]
    pub fn new(device: Device) -> Self {
        Self(Arc::new(Mutex::new(device)))
    }

    /// Runs one verb on a thread that may block.
    ///
    /// # Panics
    /// Passes on a panic of `verb`.
    pub async fn with<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&mut Device) -> T + Send + 'static,
    ) -> T {
        let device = Arc::clone(&self.0);
        let run = tokio::task::spawn_blocking(move || {
            // Every verb is one transaction: a panic in an earlier one left nothing half done.
            verb(&mut device.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match run.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
