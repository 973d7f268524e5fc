//! One or several of many, by name.

use std::collections::BTreeSet;

use ipc::ChoiceView;
use leptos::prelude::*;

use super::Rows;

/// Lets several things be chosen by name.
#[component]
pub(crate) fn ChooseSome(
    /// What is asked.
    #[prop(into)]
    legend: Signal<String>,
    /// What there is.
    #[prop(into)]
    options: Signal<Vec<ChoiceView>>,
    /// The ids that are chosen.
    chosen: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let option = move |choice: ChoiceView| {
        let id = StoredValue::new(choice.id.clone());
        let is_chosen = move || chosen.with(|chosen| chosen.contains(&id.get_value()));
        let toggle = move |_| {
            chosen.update(|chosen| {
                let id = id.get_value();
                if !chosen.remove(&id) {
                    chosen.insert(id);
                }
            });
        };
        view! {
            <label class="option">
                <input
                    type="checkbox"
                    data-testid="option"
                    data-id=choice.id
                    prop:checked=is_chosen
                    on:change=toggle
                />
                <span>{choice.name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="options">
            <legend>{legend}</legend>
            <Rows each=move || options.get() key=|choice| choice.id.clone() children=option />
        </fieldset>
    }
}

/// Lets one thing be chosen by name, or none.
#[component]
pub(crate) fn ChooseOne(
    /// The field's id in the page.
    id: &'static str,
    /// What is asked.
    #[prop(into)]
    label: Signal<String>,
    /// What stands for none.
    #[prop(into)]
    none: Signal<String>,
    /// What there is.
    #[prop(into)]
    options: Signal<Vec<ChoiceView>>,
    /// The id that is chosen; empty for none.
    chosen: RwSignal<String>,
) -> impl IntoView {
    let option = move |choice: ChoiceView| {
        let value = StoredValue::new(choice.id.clone());
        let selected = move || chosen.with(|chosen| *chosen == value.get_value());
        view! { <option value=choice.id prop:selected=selected>{choice.name}</option> }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select
                id=id
                class="input"
                data-testid=id
                on:change=move |event| chosen.set(event_target_value(&event))
            >
                <option value="">{none}</option>
                <Rows each=move || options.get() key=|choice| choice.id.clone() children=option />
            </select>
        </div>
    }
}
