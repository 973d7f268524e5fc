//! The one writer's lock, given in turns: a device with a huge backlog keeps no other waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use attendance::DeviceId;
use sync_api::ProblemKind;
use tokio::sync::oneshot;

use super::turns::{Full, Turns};
use crate::error::ServerError;
use crate::server::Server;

/// Who asks to write.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Lane {
    /// The server's own jobs and commands: few, and never refused.
    Own,
    /// A device that sends.
    Device(DeviceId),
}

/// A lock whose waiting line is fair to lanes and bounded.
#[derive(Clone, Debug)]
pub(crate) struct Writer(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    held: bool,
    turns: Turns<Lane, oneshot::Sender<()>>,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn(Writer);

/// Somebody who waits. If it is dropped after the turn was given, the turn goes on to the next.
struct Waiting {
    writer: Writer,
    given: oneshot::Receiver<()>,
    taken: bool,
}

impl Writer {
    pub(crate) fn new(lane_max: usize, all_max: usize) -> Self {
        let turns = Turns::new(lane_max, all_max);
        Self(Arc::new(Mutex::new(State { held: false, turns })))
    }

    /// Waits for the server's own turn.
    pub(crate) async fn lock(&self) -> Turn {
        let waiting = {
            let mut state = self.state();
            if !state.held {
                state.held = true;
                return Turn(self.clone());
            }
            let (give, given) = oneshot::channel();
            state.turns.push_always(Lane::Own, give);
            Waiting { writer: self.clone(), given, taken: false }
        };
        waiting.turn().await
    }

    /// Waits for a lane's turn, if there is room to wait in.
    ///
    /// # Errors
    /// [`Full`] says whose fault it is.
    pub(crate) async fn turn(&self, lane: Lane) -> Result<Turn, Full> {
        let waiting = {
            let mut state = self.state();
            if !state.held {
                state.held = true;
                return Ok(Turn(self.clone()));
            }
            let (give, given) = oneshot::channel();
            if let Err((_, give)) = state.turns.push(lane, give) {
                // Some of those in line may have gone away.
                state.turns.retain(|waiting| !waiting.is_closed());
                state.turns.push(lane, give).map_err(|(full, _)| full)?;
            }
            Waiting { writer: self.clone(), given, taken: false }
        };
        Ok(waiting.turn().await)
    }

    /// Counts who waits.
    pub(crate) fn waiting(&self) -> usize {
        self.state().turns.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the turn to the next who still waits.
    fn pass_on(&self) {
        let mut state = self.state();
        while let Some(next) = state.turns.next() {
            if next.send(()).is_ok() {
                return;
            }
        }
        state.held = false;
    }
}

impl Waiting {
    async fn turn(mut self) -> Turn {
        // The sender goes only with a turn: it is dropped unsent by nobody who waits.
        drop((&mut self.given).await);
        self.taken = true;
        Turn(self.writer.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.taken {
            return;
        }
        self.given.close();
        if self.given.try_recv().is_ok() {
            self.writer.pass_on();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

impl Server {
    /// Waits for the turn of what a device sends.
    ///
    /// # Errors
    /// [`ServerError::Busy`] if there is no room to wait in.
    pub(crate) async fn turn_of(&self, device: DeviceId) -> Result<Turn, ServerError> {
        self.writer.turn(Lane::Device(device)).await.map_err(|full| ServerError::Busy {
            kind: ProblemKind::Busy,
            retry_after_s: self.config.retry_after_s,
            detail: match full {
                Full::Lane => "this device has batches waiting already: wait for their answers",
                Full::All => "the server has too much to do: wait as Retry-After says",
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn device(number: u8) -> Lane {
        Lane::Device(DeviceId([number; 8]))
    }

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_device_with_a_backlog_is_served_in_turn_with_others() {
        let writer = Writer::new(10, 100);
        let Poll::Ready(held) = poll(pin!(writer.lock())) else { panic!("nobody writes") };
        let mut line: Vec<_> = [1, 1, 1, 1, 2, 3]
            .map(|number| (number, Box::pin(writer.turn(device(number)))))
            .into_iter()
            .collect();
        for (_, waiting) in &mut line {
            assert!(poll(waiting.as_mut()).is_pending());
        }
        assert_eq!(writer.waiting(), 6);
        drop(held);
        let mut served = Vec::new();
        while !line.is_empty() {
            let ready = line.iter_mut().enumerate().find_map(|(at, (_, waiting))| {
                match poll(waiting.as_mut()) {
                    Poll::Ready(turn) => Some((at, turn.unwrap())),
                    Poll::Pending => None,
                }
            });
            let (at, turn) = ready.expect("somebody has the turn");
            served.push(line.remove(at).0);
            drop(turn);
        }
        assert_eq!(served, [1, 2, 3, 1, 1, 1]);
    }

    #[test]
    fn who_goes_away_with_the_turn_in_hand_passes_it_on() {
        let writer = Writer::new(10, 100);
        let Poll::Ready(held) = poll(pin!(writer.lock())) else { panic!("nobody writes") };
        let mut first = Box::pin(writer.turn(device(1)));
        let mut second = Box::pin(writer.turn(device(2)));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        drop(held);
        // The first has been given the turn, and is gone before it looked.
        drop(first);
        assert!(poll(second.as_mut()).is_ready());
        drop(second);
        assert!(poll(pin!(writer.lock())).is_ready(), "nobody holds it");
    }

    #[test]
    fn full_lanes_refuse_and_those_who_left_make_room() {
        let writer = Writer::new(1, 2);
        let Poll::Ready(_held) = poll(pin!(writer.lock())) else { panic!("nobody writes") };
        let mut first = Box::pin(writer.turn(device(1)));
        assert!(poll(first.as_mut()).is_pending());
        assert!(matches!(poll(pin!(writer.turn(device(1)))), Poll::Ready(Err(Full::Lane))));
        let mut other = Box::pin(writer.turn(device(2)));
        assert!(poll(other.as_mut()).is_pending());
        assert!(matches!(poll(pin!(writer.turn(device(3)))), Poll::Ready(Err(Full::All))));
        assert!(poll(pin!(writer.lock())).is_pending(), "the server's own jobs are never refused");
        drop(first);
        let mut again = Box::pin(writer.turn(device(1)));
        assert!(poll(again.as_mut()).is_pending(), "a place became free");
    }
}
