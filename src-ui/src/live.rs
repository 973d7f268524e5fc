//! What a page shows and does: answers of the shell that stay fresh, and commands in flight.

use std::{future::Future, pin::Pin, time::Duration};

use ipc::ErrorView;
use leptos::{prelude::*, task::spawn_local};

/// Beats every few seconds, and after every command, so that what is shown is asked for again.
#[derive(Clone, Copy)]
pub(crate) struct Beat(RwSignal<u32>);

impl Beat {
    /// Makes it known to all components below.
    pub(crate) fn provide(period: Duration) -> Self {
        let beat = Self(RwSignal::new(0));
        provide_context(beat);
        set_interval(move || beat.now(), period);
        beat
    }

    /// Finds what [`Beat::provide`] made known.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Beats at once.
    pub(crate) fn now(self) {
        self.0.update(|count| *count = count.wrapping_add(1));
    }
}

/// Holds the newest answer to one question, asked again on every beat.
pub(crate) struct Live<T: Send + Sync + 'static> {
    view: RwSignal<Option<T>>,
    fault: RwSignal<Option<ErrorView>>,
    asked: StoredValue<u32>,
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Live<T> {
    /// Asks now, on every beat, and whenever a signal that `ask` reads changes.
    pub(crate) fn new<F>(ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, ErrorView>> + 'static,
    {
        let live = Self {
            view: RwSignal::new(None),
            fault: RwSignal::new(None),
            asked: StoredValue::new(0),
        };
        let beat = Beat::expect();
        Effect::new(move |_| {
            beat.0.track();
            let turn = live.turn();
            // Boxed: the page has one such loop for each type of answer, not for each question.
            let answer: Pin<Box<dyn Future<Output = Result<T, ErrorView>>>> = Box::pin(ask());
            spawn_local(async move {
                let answer = answer.await;
                // a newer question, or a page that was left, makes this answer old
                if live.asked.try_get_value() == Some(turn) {
                    live.keep(answer);
                }
            });
        });
        live
    }

    /// Shows what a command answered; a question still in flight is older and will be dropped.
    pub(crate) fn put(self, view: T) {
        if self.asked.try_get_value().is_some() {
            self.turn();
            self.keep(Ok(view));
        }
    }

    /// Reads the newest answer at this moment, for a command rather than a view.
    pub(crate) fn now(self) -> Option<T> {
        self.view.get_untracked()
    }

    /// Reads the newest answer.
    pub(crate) fn view(self) -> Option<T> {
        self.view.get()
    }

    /// Reads a part of the newest answer.
    pub(crate) fn read<P>(self, part: impl FnOnce(&T) -> P) -> Option<P> {
        self.view.with(|view| view.as_ref().map(part))
    }

    /// Tells why the last question was not answered.
    pub(crate) fn fault(self) -> Signal<Option<ErrorView>> {
        self.fault.into()
    }

    fn turn(self) -> u32 {
        let turn = self.asked.get_value().wrapping_add(1);
        self.asked.set_value(turn);
        turn
    }

    fn keep(self, answer: Result<T, ErrorView>) {
        match answer {
            Ok(view) => {
                if self.view.with_untracked(|old| old.as_ref() != Some(&view)) {
                    self.view.set(Some(view));
                }
                self.set_fault(None);
            }
            Err(fault) => self.set_fault(Some(fault)),
        }
    }

    fn set_fault(self, fault: Option<ErrorView>) {
        if self.fault.with_untracked(|old| *old != fault) {
            self.fault.set(fault);
        }
    }
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

/// Runs one command at a time and keeps why it failed.
#[derive(Clone, Copy)]
pub(crate) struct Task {
    busy: RwSignal<bool>,
    fault: RwSignal<Option<ErrorView>>,
    beat: Beat,
}

impl Task {
    /// Makes a task that is at rest.
    pub(crate) fn new() -> Self {
        Self { busy: RwSignal::new(false), fault: RwSignal::new(None), beat: Beat::expect() }
    }

    /// Sends a command unless one is on its way; `then` sees the answer.
    pub(crate) fn run<T: 'static>(
        self,
        command: impl Future<Output = Result<T, ErrorView>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.fault.set(None);
        let command: Pin<Box<dyn Future<Output = Result<T, ErrorView>>>> = Box::pin(command);
        let then: Box<dyn FnOnce(T)> = Box::new(then);
        spawn_local(async move {
            let answer = command.await;
            // the page may have been left: the command has its effect all the same
            let is_shown = self.busy.try_set(false).is_none();
            match answer {
                Ok(view) if is_shown => then(view),
                Err(fault) if is_shown => self.fault.set(Some(fault)),
                Ok(_) | Err(_) => {}
            }
            self.beat.now();
        });
    }

    /// True while a command is on its way.
    pub(crate) fn busy(self) -> bool {
        self.busy.get()
    }

    /// Tells why the last command failed.
    pub(crate) fn fault(self) -> Signal<Option<ErrorView>> {
        self.fault.into()
    }
}
