//! What a server is handed instead of taking it from the system.

use std::path::Path;
use std::sync::Arc;

use server_store::{Gate, OpenError, Store};

use crate::clock::ServerClock;
use crate::entropy::Entropy;

/// What a server is handed instead of taking it from the system: all that a simulation decides.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Tells the time.
    pub clock: ServerClock,
    /// Gives salts and tickets.
    pub entropy: Entropy,
    /// Where the database's work is done.
    pub storage: Storage,
}

/// Where the database's work is done.
#[derive(Clone, Debug)]
pub enum Storage {
    /// On a thread of its own.
    Apart,
    /// On the caller's thread, and each job is put before the gate.
    Inline(Arc<dyn Gate>),
}

impl Surroundings {
    /// The system's own, with this clock.
    #[must_use]
    pub fn system(clock: ServerClock) -> Self {
        Self { clock, entropy: Entropy::system(), storage: Storage::Apart }
    }

    /// Opens or makes the database.
    pub(crate) fn open_store(&self, path: &Path) -> Result<Store, OpenError> {
        match &self.storage {
            Storage::Apart => Store::open_sqlite(path),
            Storage::Inline(gate) => Store::open_sqlite_inline(path, Arc::clone(gate)),
        }
    }
}
