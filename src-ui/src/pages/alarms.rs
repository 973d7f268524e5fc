//! Every alarm: what it means, what to do, and the evidence as a file.

use ipc::AlarmView;
use leptos::prelude::*;

use crate::{
    components::{Icon, Loading, Notice, Shape, download},
    i18n::{Advice, I18n, Meaning, Sentence as _},
    invoke,
    live::Live,
    route::Route,
};

/// Shows what was said that does not hold.
#[component]
pub(crate) fn Alarms() -> impl IntoView {
    let i18n = I18n::expect();
    let alarms = Live::new(invoke::alarms);
    let list = move || match alarms.view() {
        None => view! { <Loading /> }.into_any(),
        Some(none) if none.is_empty() => {
            view! { <p class="empty-line">{i18n.t("alarms-empty")}</p> }.into_any()
        }
        Some(all) => {
            let rows = all.into_iter().map(|alarm| view! { <Alarm alarm /> });
            view! { <ul class="cards">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="page">
            <h1>{i18n.t("alarms-title")}</h1>
            <p class="lead">{i18n.t("alarms-lead")}</p>
            <Notice fault=alarms.fault() />
            {list}
        </section>
    }
}

/// Shows an alarm.
#[component]
fn Alarm(
    /// The alarm.
    alarm: AlarmView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (code, at_ms) = (alarm.code, alarm.at_ms);
    let name = format!("qatysu-evidence-{at_ms}.json");
    let save = move |_| download(&name, "application/json", &alarm.file);
    let record = alarm.event.map(|event| {
        let href = Route::Proof(event).href();
        view! { <a class="link" href=href>{i18n.t("alarm-record")}</a> }
    });
    view! {
        <li class="card" data-testid="alarm-row" data-code=code.key()>
            <p class="eyebrow">{move || i18n.moment(at_ms)}</p>
            <h2>{move || i18n.say(code)}</h2>
            <p>{move || i18n.say(Meaning(code))}</p>
            <p><strong>{i18n.t("alarm-do")}</strong>" "{move || i18n.say(Advice(code))}</p>
            <p class="small-print" lang="en">{alarm.detail}</p>
            <div class="actions">
                <button class="button quiet" data-testid="alarm-save" on:click=save>
                    <Icon shape=Shape::File />
                    <span>{i18n.t("alarm-save")}</span>
                </button>
                {record}
            </div>
        </li>
    }
}
