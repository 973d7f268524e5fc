//! A mark by hand: which child, and why.

use ipc::{Reason, RosterRowView};
use leptos::prelude::*;

use super::{Icon, Rows, Shape};
use crate::i18n::I18n;

/// Lists the children who are missing; a tap on one asks for the reason, unless it is known.
#[component]
pub(crate) fn ByHand(
    /// The children who are not marked yet.
    #[prop(into)]
    missing: Signal<Vec<RosterRowView>>,
    /// The reason, where the situation already tells it.
    #[prop(optional)]
    known: Option<Reason>,
    /// True while a mark is on its way.
    #[prop(into)]
    busy: Signal<bool>,
    /// Reports the child's id and the reason.
    #[prop(into)]
    on_mark: Callback<(String, Reason)>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let chosen = RwSignal::new(None::<String>);
    let row = move |row: RosterRowView| {
        let child = StoredValue::new(row.child.clone());
        let choose = move |_| match known {
            Some(reason) => on_mark.run((child.get_value(), reason)),
            None => chosen.update(|now| {
                let open = now.as_ref() == Some(&child.get_value());
                *now = (!open).then(|| child.get_value());
            }),
        };
        let is_chosen = move || chosen.with(|now| now.as_ref() == Some(&child.get_value()));
        let reasons = move || {
            let pick = move |reason: Reason| on_mark.run((child.get_value(), reason));
            is_chosen().then(|| view! { <Reasons busy on_choose=pick /> })
        };
        view! {
            <li class="row">
                <button
                    class="row-main by-hand-child"
                    data-testid="by-hand-child"
                    data-child=row.child
                    disabled=move || busy.get()
                    aria-expanded=move || known.is_none().then(|| is_chosen().to_string())
                    on:click=choose
                >
                    <span class="row-name">{row.name}</span>
                    <span class="row-hint"><Icon shape=Shape::Hand />{i18n.t("by-hand")}</span>
                </button>
                {reasons}
            </li>
        }
    };
    view! {
        <ul class="rows">
            <Rows each=move || missing.get() key=|row| row.child.clone() children=row />
        </ul>
    }
}

/// Asks why.
#[component]
pub(crate) fn Reasons(
    /// True while a mark is on its way.
    busy: Signal<bool>,
    /// Reports the reason.
    #[prop(into)]
    on_choose: Callback<Reason>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let button = move |reason: Reason| {
        view! {
            <button
                class="button quiet"
                data-testid="by-hand-reason"
                data-reason=name(reason)
                disabled=move || busy.get()
                on:click=move |_| on_choose.run(reason)
            >
                {move || i18n.say(reason)}
            </button>
        }
    };
    view! {
        <fieldset class="reasons">
            <legend>{i18n.t("reason-ask")}</legend>
            {REASONS.map(button)}
        </fieldset>
    }
}

fn name(reason: Reason) -> &'static str {
    match reason {
        Reason::CardForgotten => "card_forgotten",
        Reason::CardUnreadable => "card_unreadable",
        Reason::CardRefused => "card_refused",
        Reason::NoCamera => "no_camera",
    }
}

const REASONS: [Reason; 4] =
    [Reason::CardForgotten, Reason::CardUnreadable, Reason::CardRefused, Reason::NoCamera];
