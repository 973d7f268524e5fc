//! Undo: for ten seconds the last mark is taken back with one tap.

use std::time::Duration;

use ipc::Outcome;
use leptos::prelude::*;

use super::result::Done;
use crate::{
    components::{Icon, Notice, Shape},
    i18n::I18n,
    invoke,
    live::Task,
};

/// Offers to take the last mark back. Afterwards it is corrected on the roster, with a reason.
#[component]
pub(crate) fn Undo(
    /// The last result.
    last: RwSignal<Option<Done>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let open = RwSignal::new(None::<u32>);
    let mark = Memo::new(move |_| last.with(|last| last.as_ref().and_then(mark_of)));
    Effect::new(move |_| {
        let number = mark.with(|mark| mark.as_ref().map(|(number, _)| *number));
        open.set(number);
        if let Some(number) = number {
            set_timeout(
                move || {
                    // the page may have been left, or another mark be the last one
                    if open.try_get_untracked().flatten() == Some(number) {
                        open.set(None);
                    }
                },
                OFFERED,
            );
        }
    });
    let undo = move |_| {
        let Some((number, event)) = mark.get_untracked() else { return };
        task.run(invoke::withdraw(event, None), move |()| {
            last.update(|last| {
                if let Some(done) = last.as_mut().filter(|done| done.number == number) {
                    done.is_undone = true;
                }
            });
        });
    };
    let button = move || {
        open.get().map(|_| {
            view! {
                <button
                    class="button"
                    data-testid="undo"
                    disabled=move || task.busy()
                    on:click=undo
                >
                    <Icon shape=Shape::Back />
                    <span>{i18n.t("undo")}</span>
                </button>
            }
        })
    };
    view! {
        <div class="undo">{button}</div>
        <Notice fault=task.fault() />
    }
}

/// Gives the result's number and its event, if it made one that stands.
fn mark_of(done: &Done) -> Option<(u32, String)> {
    let is_mark = matches!(done.view.outcome, Outcome::Kept | Outcome::Guest) && !done.is_undone;
    done.view.event.clone().filter(|_| is_mark).map(|event| (done.number, event))
}

const OFFERED: Duration = Duration::from_secs(10);
