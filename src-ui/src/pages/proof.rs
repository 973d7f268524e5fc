//! The proof of an event, for a person and as a file for a third party.

use ipc::ProofView;
use leptos::prelude::*;

use crate::{
    components::{Icon, Loading, MarkPath, Notice, Shape, download},
    i18n::I18n,
    invoke,
    live::Live,
};

/// Shows how far an event has come and what proves it.
#[component]
pub(crate) fn Proof(
    /// The event's hash.
    event: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let proof = Live::new(move || invoke::proof(event.clone()));
    let body = move || match proof.view() {
        None => view! { <Loading /> }.into_any(),
        Some(proof) => view! { <Proven proof /> }.into_any(),
    };
    view! {
        <section class="page">
            <h1>{i18n.t("proof-title")}</h1>
            <p class="lead">{i18n.t("proof-lead")}</p>
            <Notice fault=proof.fault() />
            {body}
        </section>
    }
}

/// Shows the parts of a proof.
#[component]
fn Proven(
    /// The proof.
    proof: ProofView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let mark = match proof.mark {
        ipc::Mark::Recorded => "recorded",
        ipc::Mark::Carried => "carried",
        ipc::Mark::Sent => "sent",
        ipc::Mark::Receipted => "receipted",
        ipc::Mark::Witnessed => "witnessed",
    };
    let place = proof.leaf_index.zip(proof.tree_size).map(|(index, size)| {
        let words = move || {
            let values = [("number", (index + 1).to_string().into()), ("size", size.to_string().into())];
            i18n.format("proof-place", &values)
        };
        view! { <p class="proof-place" data-testid="proof-leaf" data-index=index.to_string()>{words}</p> }
    });
    let name = format!("qatysu-receipt-{}.json", short(&proof.event));
    let file = match proof.file {
        Some(file) => view! { <ReceiptFile name file /> }.into_any(),
        None => view! { <p class="empty-line">{i18n.t("proof-no-file")}</p> }.into_any(),
    };
    view! {
        <div class="panel" data-testid="proof-mark" data-mark=mark>
            <MarkPath mark=proof.mark asks_witnesses=proof.asks_witnesses />
            {place}
            <dl class="facts">
                {proof.origin.map(|origin| view! {
                    <div><dt>{i18n.t("proof-log")}</dt><dd class="code">{origin}</dd></div>
                })}
                <div><dt>{i18n.t("proof-event")}</dt><dd class="code">{proof.event}</dd></div>
            </dl>
        </div>
        {file}
    }
}

/// Offers the file that a third party checks.
#[component]
fn ReceiptFile(
    /// The file's name.
    name: String,
    /// The file's text.
    file: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let command = format!("qatysu receipt verify {name}");
    let text = file.clone();
    let save = move |_| download(&name, "application/json", &file);
    view! {
        <div class="panel">
            <h2>{i18n.t("proof-file-title")}</h2>
            <p>{i18n.t("proof-file-lead")}</p>
            <p><code class="code">{command}</code></p>
            <button class="button primary" data-testid="proof-file" on:click=save>
                <Icon shape=Shape::File />
                <span>{i18n.t("proof-file")}</span>
            </button>
            <details>
                <summary>{i18n.t("proof-file-show")}</summary>
                <pre class="code" data-testid="proof-text" tabindex="0">{text}</pre>
            </details>
        </div>
    }
}

/// Gives the first characters of a hash, enough to tell files apart.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}
