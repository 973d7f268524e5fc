//! What is put aside, and the decision that lets it in.

use ipc::{BoardView, ParkedReason, ParkedView};
use leptos::prelude::*;

use crate::{
    components::{Confirm, Notice},
    i18n::I18n,
    invoke,
    live::{Live, Task},
};

/// Shows events that are put aside for one reason.
#[component]
pub(crate) fn Parked(
    /// What is put aside.
    line: ParkedView,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let (reason, count, releasable) = (line.reason, line.count, line.releasable);
    let of = StoredValue::new((line.device, line.last));
    let release = move |()| {
        if let (Some(device), last) = of.get_value() {
            task.run(invoke::release_events(device, last), move |view| board.put(view));
        }
    };
    let decide = (releasable > 0).then(|| {
        let open =
            Signal::derive(move || i18n.format("parked-release", &[("count", releasable.into())]));
        view! {
            <Confirm
                test="release"
                open
                question=i18n.t("parked-release-ask")
                confirm=i18n.t("parked-release-confirm")
                busy=task.is_busy()
                on_confirm=release
            />
        }
    });
    view! {
        <div
            class="parked"
            data-testid="parked"
            data-reason=name(reason)
            data-count=count.to_string()
        >
            <p class="warn">
                {move || i18n.format("parked-count", &[("count", count.into())])}
                " "
                {move || i18n.say(reason)}
            </p>
            {decide}
            <Notice fault=task.fault() />
        </div>
    }
}

fn name(reason: ParkedReason) -> &'static str {
    match reason {
        ParkedReason::Revoked => "revoked",
        ParkedReason::Suspended => "suspended",
        ParkedReason::Expired => "expired",
        ParkedReason::Fork => "fork",
        ParkedReason::BrokenLink => "broken_link",
        ParkedReason::BadSignature => "bad_signature",
        ParkedReason::Malformed => "malformed",
        ParkedReason::Other => "other",
    }
}
