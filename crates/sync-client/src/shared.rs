//! One device, used by screens and by the sync in turn.

use std::sync::{Arc, Mutex, PoisonError};

use device::Device;

/// Shares one open device. Each use is one verb; the lock is never held across a wait.
#[derive(Clone, Debug)]
pub struct SharedDevice {
    device: Arc<Mutex<Device>>,
    run: Run,
}

/// Where verbs run.
#[derive(Clone, Copy, Debug)]
enum Run {
    /// On a thread that may block.
    Apart,
    /// Where they are asked for.
    Inline,
}

impl SharedDevice {
    /// Wraps an open device.
    #[must_use]
    pub fn new(device: Device) -> Self {
        Self { device: Arc::new(Mutex::new(device)), run: Run::Apart }
    }

    /// Wraps an open device whose verbs run on the caller's thread, each after the caller has let go
    /// once: for simulations, which decide what happens in between.
    #[must_use]
    pub fn inline(device: Device) -> Self {
        Self { device: Arc::new(Mutex::new(device)), run: Run::Inline }
    }

    /// Runs one verb, on a thread that may block unless the device is [inline](Self::inline).
    ///
    /// # Panics
    /// Passes on a panic of `verb`.
    pub async fn with<T: Send + 'static>(
        &self,
        verb: impl FnOnce(&mut Device) -> T + Send + 'static,
    ) -> T {
        let device = Arc::clone(&self.device);
        // Every verb is one transaction: a panic in an earlier one left nothing half done.
        let verb = move || verb(&mut device.lock().unwrap_or_else(PoisonError::into_inner));
        let run = match self.run {
            Run::Apart => tokio::task::spawn_blocking(verb),
            Run::Inline => {
                tokio::task::yield_now().await;
                return verb();
            }
        };
        match run.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}
