//! What a server is handed instead of taking it from the system.

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use server_store::{Gate, OpenError, Store};
use tokio::sync::oneshot;

use crate::clock::ServerClock;
use crate::entropy::Entropy;
use crate::error::ServerError;

/// What a server is handed instead of taking it from the system: all that a simulation decides.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Tells the time.
    pub clock: ServerClock,
    /// Gives salts and tickets.
    pub entropy: Entropy,
    /// Where the database's work is done.
    pub storage: Storage,
    /// Who does what goes on when its caller is gone.
    pub tasks: Tasks,
}

/// Where the database's work is done.
#[derive(Clone, Debug)]
pub enum Storage {
    /// On a thread of its own.
    Apart,
    /// On the caller's thread, and each job is put before the gate.
    Inline(Arc<dyn Gate>),
}

/// Who does work that goes on when its caller is gone, and who keeps bounds of time.
#[derive(Clone, Debug)]
pub enum Tasks {
    /// The runtime that the caller is polled by.
    Runtime,
    /// These hands. Bounds of time are theirs too: they let go of a request that took too long.
    Handed(Arc<dyn Hands>),
}

/// Work that nobody holds but the one who does it.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Does work that was begun for a caller. Work that is dropped is as if the machine had stopped.
pub trait Hands: fmt::Debug + Send + Sync {
    /// Takes work, and polls it to its end or drops it.
    fn take(&self, work: Work);
}

impl Surroundings {
    /// The system's own, with this clock.
    #[must_use]
    pub fn system(clock: ServerClock) -> Self {
        Self { clock, entropy: Entropy::system(), storage: Storage::Apart, tasks: Tasks::Runtime }
    }

    /// Opens or makes the database.
    pub(crate) fn open_store(&self, path: &Path) -> Result<Store, OpenError> {
        match &self.storage {
            Storage::Apart => Store::open_sqlite(path),
            Storage::Inline(gate) => Store::open_sqlite_inline(path, Arc::clone(gate)),
        }
    }
}

impl Tasks {
    /// Does work to its end, also if whoever waits for it goes away.
    ///
    /// # Errors
    /// [`ServerError::BrokenOff`] if the work ended without an outcome.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, ServerError> {
        match self {
            Self::Runtime => tokio::spawn(work).await.map_err(|_| ServerError::BrokenOff),
            Self::Handed(hands) => {
                let (tell, told) = oneshot::channel();
                hands.take(Box::pin(async move { drop(tell.send(work.await)) }));
                told.await.map_err(|_| ServerError::BrokenOff)
            }
        }
    }

    /// Waits for work no longer than this; nothing if it takes longer.
    pub(crate) async fn within<T>(
        &self,
        time: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        match self {
            Self::Runtime => tokio::time::timeout(time, work).await.ok(),
            Self::Handed(_) => Some(work.await),
        }
    }
}
