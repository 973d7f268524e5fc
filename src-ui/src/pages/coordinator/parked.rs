//! What is put aside, and the decision that lets it in.

use ipc::{BoardView, ParkedReason, ParkedView};
use leptos::prelude::*;

use crate::{
    components::Notice,
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
    let (task, asked) = (Task::new(), RwSignal::new(false));
    let (reason, count, releasable) = (line.reason, line.count, line.releasable);
    let of = StoredValue::new((line.device, line.last));
    let release = move |_| {
        if let (Some(device), last) = of.get_value() {
            task.run(invoke::release_events(device, last), move |view| board.put(view));
        }
    };
    let decide = move || match (releasable > 0, asked.get()) {
        (false, _) => ().into_any(),
        (true, false) => view! {
            <button
                class="button quiet"
                data-testid="release"
                on:click=move |_| asked.set(true)
            >
                {move || i18n.format("parked-release", &[("count", releasable.into())])}
            </button>
        }
        .into_any(),
        (true, true) => view! {
            <div class="confirm" role="group">
                <p>{i18n.t("parked-release-ask")}</p>
                <div class="actions">
                    <button
                        class="button primary"
                        data-testid="release-confirm"
                        disabled=move || task.busy()
                        on:click=release
                    >
                        {i18n.t("parked-release-confirm")}
                    </button>
                    <button class="button quiet" on:click=move |_| asked.set(false)>
                        {i18n.t("cancel")}
                    </button>
                </div>
            </div>
        }
        .into_any(),
    };
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
