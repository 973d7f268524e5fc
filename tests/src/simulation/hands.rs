//! The hands that a simulation moves: time, the server's disk, and who is polled.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use attendance::BootId;
use device::{Clock, Reading};
use server::{Hands, Work};
use server_store::{Fate, Gate};

/// A device's clock: the world's hand, wrong by as much as the device's owner set it.
#[derive(Clone, Debug)]
pub(crate) struct PhoneClock {
    pub(crate) world: Arc<AtomicI64>,
    pub(crate) skew_ms: Arc<AtomicI64>,
    pub(crate) boots: Arc<AtomicU64>,
    pub(crate) boot_at_ms: Arc<AtomicI64>,
    pub(crate) number: u8,
}

impl Clock for PhoneClock {
    fn now(&self) -> Reading {
        let world = self.world.load(Ordering::Relaxed);
        let up_ms = world - self.boot_at_ms.load(Ordering::Relaxed);
        let mut boot = self.boots.load(Ordering::Relaxed).to_be_bytes();
        boot[0] = self.number;
        Reading {
            wall_ms: world + self.skew_ms.load(Ordering::Relaxed),
            mono_ms: u64::try_from(up_ms).unwrap_or_default(),
            boot: BootId(boot),
        }
    }
}

/// The server's disk: full when a fault says so.
#[derive(Debug, Default)]
pub(crate) struct Disk(AtomicU8);

impl Disk {
    pub(crate) fn set(&self, fate: Fate) {
        let number = match fate {
            Fate::Run => 0,
            Fate::FullDisk => 1,
            Fate::Refused => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}

impl Gate for Disk {
    fn fate(&self) -> Fate {
        match self.0.load(Ordering::Relaxed) {
            0 => Fate::Run,
            1 => Fate::FullDisk,
            _ => Fate::Refused,
        }
    }
}

/// Work that a server began for somebody, and does to its end whether or not they still wait.
#[derive(Default)]
pub(crate) struct Begun(Mutex<Vec<Work>>);

impl Begun {
    /// Polls each piece of work once. False if there is none left.
    pub(crate) fn go_on(&self) -> bool {
        let mut all = std::mem::take(&mut *self.works());
        all.retain_mut(|work| poll(work.as_mut()).is_pending());
        let mut works = self.works();
        let more = std::mem::replace(&mut *works, all);
        works.extend(more);
        !works.is_empty()
    }

    /// Does all of it to its end.
    pub(crate) fn finish(&self) {
        for _ in 0..POLLS_MAX {
            if !self.go_on() {
                return;
            }
        }
        panic!("a server's work does not come to an end");
    }

    /// Drops it, as a machine that stops.
    pub(crate) fn stop(&self) {
        let dropped = std::mem::take(&mut *self.works());
        drop(dropped);
    }

    fn works(&self) -> std::sync::MutexGuard<'_, Vec<Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hands for Begun {
    fn take(&self, work: Work) {
        self.works().push(work);
    }
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Begun({})", self.works().len())
    }
}

/// Polls once. Nobody is woken: whoever waits is polled again when the simulation says so.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls to the end what waits for nobody else.
pub(crate) fn finish<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    for _ in 0..POLLS_MAX {
        if let Poll::Ready(done) = poll(future.as_mut()) {
            return done;
        }
    }
    panic!("a call does not come to an end");
}

/// More than anything here needs: what is not done by then waits for ever.
pub(crate) const POLLS_MAX: u32 = 200_000;
