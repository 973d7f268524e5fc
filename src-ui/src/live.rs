//! What a page shows and does: answers of the shell that stay fresh, and commands in flight.

use std::{any::Any, cell::Cell, marker::PhantomData, rc::Rc, sync::Arc, time::Duration};

use ipc::ErrorView;
use leptos::{prelude::*, task::spawn_local};
use serde::de::DeserializeOwned;

use crate::invoke::{Answering, Question, decode};

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
///
/// What does not depend on the answer's type is [`Asking`]'s: signals and effects are large, and the page has
/// them once.
pub(crate) struct Live<T> {
    asking: Asking,
    of: PhantomData<fn() -> T>,
}

/// An answer of any type.
type Kept = Arc<dyn Any + Send + Sync>;

/// What is made of a command's answer.
type Taking = Box<dyn FnOnce(&str) -> Result<(), ErrorView>>;

#[derive(Clone, Copy)]
struct Asking {
    view: RwSignal<Option<Kept>>,
    fault: RwSignal<Option<ErrorView>>,
    asked: StoredValue<u32>,
    /// The answer that is shown, as it came: one that comes again changes nothing.
    shown: StoredValue<String>,
}

impl<T: Clone + DeserializeOwned + Send + Sync + 'static> Live<T> {
    /// Asks now, on every beat, and whenever a signal that `ask` reads changes.
    pub(crate) fn new(ask: impl Fn() -> Question<T> + 'static) -> Self {
        let asking = Asking {
            view: RwSignal::new(None),
            fault: RwSignal::new(None),
            asked: StoredValue::new(0),
            shown: StoredValue::new(String::new()),
        };
        let read = |answer: &str| decode::<T>(answer).map(|view| Arc::new(view) as Kept);
        asking.begin(Box::new(move || ask().send()), read);
        Self { asking, of: PhantomData }
    }

    /// Shows what a command answered; a question still in flight is older and will be dropped.
    pub(crate) fn put(self, view: T) {
        self.asking.put(Arc::new(view));
    }

    /// Reads the newest answer at this moment, for a command rather than a view.
    pub(crate) fn now(self) -> Option<T> {
        self.asking.view.get_untracked()?.downcast_ref::<T>().cloned()
    }

    /// Reads the newest answer.
    pub(crate) fn view(self) -> Option<T> {
        self.read(T::clone)
    }

    /// Reads a part of the newest answer.
    pub(crate) fn read<P>(self, part: impl FnOnce(&T) -> P) -> Option<P> {
        self.asking.view.get()?.downcast_ref::<T>().map(part)
    }

    /// Tells why the last question was not answered.
    pub(crate) fn fault(self) -> Signal<Option<ErrorView>> {
        self.asking.fault.into()
    }
}

impl Asking {
    fn begin(self, ask: Box<dyn Fn() -> Answering>, read: fn(&str) -> Result<Kept, ErrorView>) {
        let beat = Beat::expect();
        Effect::new(move |_| {
            beat.0.track();
            let turn = self.turn();
            let answer = ask();
            spawn_local(async move {
                let answer = answer.await;
                // a newer question, or a page that was left, makes this answer old
                if self.asked.try_get_value() == Some(turn) {
                    self.keep(answer, read);
                }
            });
        });
    }

    fn put(self, view: Kept) {
        if self.asked.try_get_value().is_some() {
            self.turn();
            // how the shell would write it is not known here
            self.shown.set_value(String::new());
            self.view.set(Some(view));
            self.set_fault(None);
        }
    }

    fn turn(self) -> u32 {
        let turn = self.asked.get_value().wrapping_add(1);
        self.asked.set_value(turn);
        turn
    }

    fn keep(self, answer: Result<String, ErrorView>, read: fn(&str) -> Result<Kept, ErrorView>) {
        let fault = match answer {
            Ok(answer) if self.shown.with_value(|shown| *shown == answer) => None,
            Ok(answer) => match read(&answer) {
                Ok(view) => {
                    self.shown.set_value(answer);
                    self.view.set(Some(view));
                    None
                }
                Err(fault) => Some(fault),
            },
            Err(fault) => Some(fault),
        };
        self.set_fault(fault);
    }

    fn set_fault(self, fault: Option<ErrorView>) {
        if self.fault.with_untracked(|old| *old != fault) {
            self.fault.set(fault);
        }
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Live<T> {}

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
    pub(crate) fn run<T: DeserializeOwned + 'static>(
        self,
        command: Question<T>,
        then: impl FnOnce(T) + 'static,
    ) {
        self.begin(command.send(), Box::new(move |answer| decode(answer).map(then)));
    }

    /// Does several things in turn, unless others are on their way; `then` sees what came of them.
    pub(crate) fn run_all<T: 'static>(
        self,
        steps: impl Future<Output = Result<T, ErrorView>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        let done = Rc::new(Cell::new(None));
        let kept = Rc::clone(&done);
        let steps = async move {
            kept.set(Some(steps.await?));
            Ok(String::new())
        };
        self.begin(
            Box::pin(steps),
            Box::new(move |_| {
                done.take().map(then);
                Ok(())
            }),
        );
    }

    fn begin(self, command: Answering, then: Taking) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.fault.set(None);
        spawn_local(async move {
            let answer = command.await;
            // the page may have been left: the command has its effect all the same
            let is_shown = self.busy.try_set(false).is_none();
            if is_shown && let Err(fault) = answer.and_then(|answer| then(&answer)) {
                self.fault.set(Some(fault));
            }
            self.beat.now();
        });
    }

    /// True while a command is on its way.
    pub(crate) fn busy(self) -> bool {
        self.busy.get()
    }

    /// The same, for a component that only shows it.
    pub(crate) fn is_busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Tells why the last command failed.
    pub(crate) fn fault(self) -> Signal<Option<ErrorView>> {
        self.fault.into()
    }
}
