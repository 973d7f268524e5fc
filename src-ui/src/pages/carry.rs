//! Through people: files that somebody carries, and the hub whose code is scanned.

use ipc::{CarryFileView, CarryImportView, HubSyncView, SyncView};
use leptos::{ev::Event, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use crate::{
    components::{Icon, Notice, Shape, download},
    i18n::I18n,
    invoke,
    live::Task,
    scanner::{Frames, ImageFile, Native, Scanned, Typed},
};

/// Saves and opens files that a person carries.
#[component]
pub(crate) fn CarryFiles() -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let saved = RwSignal::new(None::<CarryFileView>);
    let taken = RwSignal::new(None::<CarryImportView>);
    let save = move |own: bool| {
        saved.set(None);
        taken.set(None);
        task.run(invoke::carry_export(own), move |file| {
            download(&file.name, "text/plain", &file.text);
            saved.set(Some(file));
        });
    };
    let open = move |event: Event| {
        let input: HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.item(0));
        let Some(file) = file else { return };
        saved.set(None);
        taken.set(None);
        spawn_local(async move {
            let text = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text()).await;
            // the same file may be chosen again
            input.set_value("");
            let text = text.ok().and_then(|text| text.as_string()).unwrap_or_default();
            task.run(invoke::carry_import(text), move |view| taken.set(Some(view)));
        });
    };
    let told = move || {
        saved.get().map(|file| {
            let values = [("parcels", file.parcels.into()), ("answers", file.answers.into())];
            view! { <p data-testid="carry-saved">{i18n.format("carry-saved", &values)}</p> }
        })
    };
    let brought = move || taken.get().map(|view| view! { <Brought view /> });
    view! {
        <p>{i18n.t("people-lead")}</p>
        <div class="actions">
            <button
                class="button quiet"
                data-testid="carry-save-own"
                disabled=move || task.busy()
                on:click=move |_| save(true)
            >
                <Icon shape=Shape::Parcel />
                <span>{i18n.t("carry-save-own")}</span>
            </button>
            <label class="button quiet file-button">
                <Icon shape=Shape::File />
                <span>{i18n.t("carry-open")}</span>
                <input
                    type="file"
                    accept=".carry,text/plain"
                    class="visually-hidden"
                    data-testid="carry-open"
                    on:change=open
                />
            </label>
            <button
                class="button quiet"
                data-testid="carry-save-all"
                disabled=move || task.busy()
                on:click=move |_| save(false)
            >
                <Icon shape=Shape::File />
                <span>{i18n.t("carry-save-all")}</span>
            </button>
        </div>
        <div role="status">{told}{brought}</div>
        <Notice fault=task.fault() />
    }
}

/// Says what a file brought, and what of it is damaged.
#[component]
fn Brought(
    /// What it brought.
    view: CarryImportView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let for_others = [
        ("parcels", view.parcels.into()),
        ("known", view.known.into()),
        ("answers", view.passed_on.into()),
    ];
    let own = [("receipted", view.receipted.into()), ("carried", view.carried.into())];
    let damaged = view.damaged;
    let damage = (!damaged.is_empty()).then(|| {
        let count = damaged.len();
        let lines = damaged.into_iter().map(|damage| {
            let parcel: String = damage.parcel.unwrap_or_default().chars().take(12).collect();
            view! {
                <li>
                    <span class="code">{parcel}</span>
                    " "
                    <span class="small-print" lang="en">{damage.what}</span>
                </li>
            }
        });
        view! {
            <div class="warn" data-testid="carry-damaged" data-count=count.to_string()>
                <p>{move || i18n.format("carry-damaged", &[("count", count.into())])}</p>
                <ul>{lines.collect_view()}</ul>
            </div>
        }
    });
    view! {
        <div class="panel" data-testid="carry-taken">
            <p>{i18n.format("carry-taken-others", &for_others)}</p>
            <p>{i18n.format("carry-taken-own", &own)}</p>
            {damage}
        </div>
    }
}

/// Reads a hub's code, and leaves there what waits.
#[component]
pub(crate) fn ScanHub() -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let looking = RwSignal::new(false);
    let done = RwSignal::new(None::<SyncView>);
    let on_scan = Callback::new(move |scanned: Scanned| {
        looking.set(false);
        done.set(None);
        task.run(invoke::hub_learn(scanned.text), move |view| done.set(Some(view)));
    });
    let camera = move || {
        looking.get().then(|| {
            view! {
                <Frames on_scan />
                <Typed on_scan />
                <div class="actions"><ImageFile on_scan /><Native on_scan /></div>
            }
        })
    };
    let result = move || done.get().and_then(|view| view.hub).map(|hub| view! { <AtHub hub /> });
    view! {
        <p>{i18n.t("hub-scan-lead")}</p>
        <div class="actions">
            <button
                class="button quiet"
                data-testid="hub-scan"
                aria-expanded=move || looking.get().to_string()
                disabled=move || task.busy()
                on:click=move |_| looking.update(|looking| *looking = !*looking)
            >
                <Icon shape=Shape::Camera />
                <span>{i18n.t("hub-scan")}</span>
            </button>
        </div>
        {camera}
        <div role="status">{result}</div>
        <Notice fault=task.fault() />
    }
}

/// Says what a visit to a hub brought. It never says that anything was sent.
#[component]
pub(crate) fn AtHub(
    /// The visit.
    hub: HubSyncView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let HubSyncView { name, carried, receipted, waiting, lists, fault } = hub;
    let met = (!name.is_empty()).then(|| {
        let line = move || {
            let values = [
                ("name", name.clone().into()),
                ("carried", carried.into()),
                ("receipted", receipted.into()),
                ("waiting", waiting.into()),
            ];
            i18n.format("hub-visit", &values)
        };
        view! { <p>{line}</p> }
    });
    let news = (lists > 0).then(|| {
        let line = move || i18n.format("hub-news", &[("lists", lists.into())]);
        view! { <p>{line}</p> }
    });
    let fault = fault.map(|fault| {
        let code = fault.code;
        view! {
            <p class="warn">
                {move || i18n.say(code)}
                " "
                <span class="small-print" lang="en">{fault.message}</span>
            </p>
        }
    });
    view! { <div class="panel" data-testid="hub-visit">{met}{news}{fault}</div> }
}
