//! One device, used by screens and by the sync in turn.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use device::Device;

/// Shares one open device. Each use is one verb; the lock is never held across a wait.
#[derive(Clone, Debug)]
pub struct SharedDevice {
    device: Arc<Mutex<Device>>,
    run: Run,
}

/// Where verbs run, and where random bytes for them come from.
#[derive(Clone, Debug)]
enum Run {
    /// On a thread that may block; the system's randomness.
    Apart,
    /// Where they are asked for; bytes that follow from a seed.
    Inline(Arc<Seeded>),
}

/// A seed, and how many times it was drawn from.
#[derive(Debug)]
struct Seeded {
    seed: [u8; 32],
    drawn: AtomicU64,
}

impl SharedDevice {
    /// Wraps an open device.
    #[must_use]
    pub fn new(device: Device) -> Self {
        Self { device: Arc::new(Mutex::new(device)), run: Run::Apart }
    }

    /// Wraps an open device whose verbs run on the caller's thread, each after the caller has let go
    /// once: for simulations, which decide what happens in between. Its random bytes follow from `seed`
    /// alone: whoever knows the seed opens its parcels.
    #[must_use]
    pub fn inline(device: Device, seed: [u8; 32]) -> Self {
        let seeded = Arc::new(Seeded { seed, drawn: AtomicU64::new(0) });
        Self { device: Arc::new(Mutex::new(device)), run: Run::Inline(seeded) }
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
        let run = match &self.run {
            Run::Apart => tokio::task::spawn_blocking(verb),
            Run::Inline(_) => {
                tokio::task::yield_now().await;
                return verb();
            }
        };
        match run.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Draws random bytes: at most 32, which is as much as anybody here needs at once.
    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], getrandom::Error> {
        const { assert!(N <= 32, "a draw gives one hash") };
        let mut bytes = [0; N];
        match &self.run {
            Run::Apart => getrandom::fill(&mut bytes)?,
            Run::Inline(seeded) => {
                let drawn = seeded.drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                let parts: [&[u8]; 3] = [b"qatysu/simulated-device", &seeded.seed, &drawn];
                let seal::Hash(hash) = seal::sha256_of(&parts);
                bytes.iter_mut().zip(hash).for_each(|(byte, drawn)| *byte = drawn);
            }
        }
        Ok(bytes)
    }
}
