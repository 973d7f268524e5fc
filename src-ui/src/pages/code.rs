//! What a family shows at the door: the code of each own child, anew every 15 seconds, and the paper card.

use std::time::Duration;

use ipc::{CodeView, PaperCardView, Role};
use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};

use crate::{
    awake::keep_awake,
    components::{Icon, Notice, QrCode, Shape},
    i18n::I18n,
    invoke,
    live::Task,
    route::Route,
};

/// Shows the codes; the screen stays on as long as the page is open.
#[component]
pub(crate) fn Codes(
    /// Whose device.
    role: Memo<Option<Role>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let codes = RwSignal::new(None::<Vec<CodeView>>);
    let chosen = RwSignal::new(None::<String>);
    let (ends_ms, left_s) = (StoredValue::new(0.0), RwSignal::new(0));
    let task = Task::new();
    let ask = move || {
        // Asked again soon if there is no answer; an answer says how long it is good for.
        ends_ms.set_value(js_sys::Date::now() + AGAIN_MS);
        task.run(invoke::codes(), move |fresh| {
            let left_ms = fresh.iter().map(|code| code.left_ms).min().unwrap_or(STEP_MS);
            ends_ms.set_value(js_sys::Date::now() + small(left_ms.min(STEP_MS)));
            left_s.set(seconds_until(ends_ms.get_value()));
            codes.set(Some(fresh));
        });
    };
    let tick = move || {
        left_s.set(seconds_until(ends_ms.get_value()));
        if left_s.get_untracked() == 0 {
            ask();
        }
    };
    ask();
    if let Ok(handle) = set_interval_with_handle(tick, Duration::from_millis(500)) {
        on_cleanup(move || handle.clear());
    }
    keep_awake();
    let children = Memo::new(move |_| {
        let names = |code: &CodeView| (code.child.clone(), code.name.clone());
        codes.with(|codes| codes.iter().flatten().map(names).collect::<Vec<_>>())
    });
    let shown = move || {
        let wanted = chosen.get();
        codes.with(|codes| {
            let codes = codes.as_ref()?;
            let found = codes.iter().find(|code| Some(&code.child) == wanted.as_ref());
            found.or_else(|| codes.first()).cloned()
        })
    };
    let here = Memo::new(move |_| shown().map(|code| code.child));
    let code = move || shown().map(|code| view! { <Code code left_s /> });
    let paper = Memo::new(move |_| shown().map(|code| (code.name, code.paper)));
    let paper = move || paper.get().map(|(name, card)| view! { <Paper name card /> });
    let may_name = move || {
        (role.get() == Some(Role::Parent)).then(|| {
            view! {
                <a class="link" data-testid="delegates-open" href=Route::Delegates.href()>
                    {i18n.t("delegates-open")}
                </a>
            }
        })
    };
    let empty = move || {
        let none = codes.with(|codes| codes.as_ref().is_some_and(Vec::is_empty));
        none.then(|| view! { <p class="empty-line">{i18n.t("code-empty")}</p> })
    };
    view! {
        <section class="page">
            <h1>{i18n.t("tab-code")}</h1>
            <p class="lead">{i18n.t("code-lead")}</p>
            <Notice fault=task.fault() />
            <Children children here chosen />
            {code}
            {empty}
            {paper}
            {may_name}
        </section>
    }
}

/// Lets the family choose the child, if there are several.
#[component]
fn Children(
    /// Ids and names.
    children: Memo<Vec<(String, String)>>,
    /// Whose code is shown.
    here: Memo<Option<String>>,
    /// Whose code is wanted.
    chosen: RwSignal<Option<String>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let button = move |(child, name): (String, String)| {
        let id = StoredValue::new(child.clone());
        let pressed = move || here.with(|here| *here == Some(id.get_value())).to_string();
        view! {
            <button
                class="button"
                data-testid="code-child"
                data-child=child
                aria-pressed=pressed
                on:click=move |_| chosen.set(Some(id.get_value()))
            >
                {name}
            </button>
        }
    };
    move || {
        children.with(|children| children.len() > 1).then(|| {
            view! {
                <div class="actions" role="group" aria-label=i18n.t("code-children")>
                    {children.get().into_iter().map(button).collect_view()}
                </div>
            }
        })
    }
}

/// Shows a code as bright as the page can.
#[component]
fn Code(
    /// The code.
    code: CodeView,
    /// Seconds until the next one.
    left_s: RwSignal<u32>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (name, text) = (StoredValue::new(code.name), code.text.clone());
    let label = move || i18n.format("code-qr", &[("name", name.get_value().into())]);
    let left = move || match left_s.get() {
        0 => i18n.text("code-late"),
        seconds => i18n.format("code-left", &[("seconds", u64::from(seconds).into())]),
    };
    view! {
        <div class="bright" data-testid="code" data-child=code.child data-text=text>
            <h2>{name.get_value()}</h2>
            <QrCode text=code.text label=Signal::derive(label) />
            <p role="timer" data-testid="code-left">{left}</p>
            <progress max="15" value=move || left_s.get() aria-hidden="true"></progress>
        </div>
    }
}

/// Offers the paper card: to be printed at home, or to be asked for.
#[component]
fn Paper(
    /// The child's name.
    name: String,
    /// The card, once it is known here.
    card: Option<PaperCardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let name = StoredValue::new(name);
    let label = move || i18n.format("code-paper-qr", &[("name", name.get_value().into())]);
    // Where nothing can be printed, nothing happens.
    let print = move |_| drop(window().print());
    let inside = match card {
        None => view! { <p>{i18n.t("code-paper-none")}</p> }.into_any(),
        Some(card) => view! {
            <p>{i18n.t("code-paper-lead")}</p>
            <div class="bright print">
                <QrCode text=card.text label=Signal::derive(label) />
                <p class="code" data-testid="code-short">{card.code}</p>
            </div>
            <button class="button" data-testid="code-print" on:click=print>
                <Icon shape=Shape::File />
                <span>{i18n.t("code-print")}</span>
            </button>
        }
        .into_any(),
    };
    view! {
        <details class="panel" data-testid="code-paper">
            <summary>{i18n.t("code-paper")}</summary>
            {inside}
        </details>
    }
}

#[expect(clippy::cast_precision_loss, reason = "a step in milliseconds is exact")]
fn small(ms: u64) -> f64 {
    ms as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some seconds, and never below none"
)]
fn seconds_until(ends_ms: f64) -> u32 {
    ((ends_ms - js_sys::Date::now()) / 1_000.0).ceil().max(0.0) as u32
}

/// How long a code is shown, in milliseconds.
const STEP_MS: u64 = 15_000;
/// When codes are asked for again if the shell did not answer, in milliseconds.
const AGAIN_MS: f64 = 3_000.0;
