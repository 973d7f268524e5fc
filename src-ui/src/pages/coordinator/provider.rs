//! A provider's line of a month.

use ipc::{BoardView, MonthState, MonthView, ProviderMonthView};
use leptos::prelude::*;

use super::payment::Payment;
use crate::{
    components::{Icon, Shape},
    i18n::I18n,
    live::Live,
};

/// Shows a provider's line, and takes the payment notice once the month is closed.
#[component]
pub(crate) fn Provider(
    /// The month.
    month: Memo<Option<MonthView>>,
    /// The provider's id.
    provider: String,
    /// Where an answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let id = StoredValue::new(provider.clone());
    let line = Memo::new(move |_| {
        let find = |m: &MonthView| {
            id.with_value(|id| m.providers.iter().find(|line| line.provider == *id).cloned())
        };
        month.with(|month| month.as_ref().and_then(find))
    });
    let awaits_payment = Memo::new(move |_| {
        let is_closed = month.with(|m| m.as_ref().is_some_and(|m| m.state == MonthState::Closed));
        is_closed && line.with(|line| line.as_ref().is_some_and(|line| !line.paid))
    });
    let name = move || month.with(|month| month.as_ref().map(|month| month.month.clone()));
    let payment = move || {
        awaits_payment.get().then(|| {
            let month = name().unwrap_or_default();
            view! { <Payment month provider=id.get_value() board /> }
        })
    };
    let is_paid = move || line.with(|line| line.as_ref().is_some_and(|line| line.paid).to_string());
    view! {
        <li class="row provider" data-testid="provider-row" data-provider=provider data-paid=is_paid>
            {move || line.get().map(|line| view! { <Line line /> })}
            {payment}
        </li>
    }
}

/// Shows the figures of a line.
#[component]
fn Line(
    /// The line.
    line: ProviderMonthView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let children = move || i18n.format("children", &[("count", line.children.into())]);
    let (accrued_tiyn, held_tiyn) = (line.accrued_tiyn, line.held_tiyn);
    let paid = line.paid.then(|| {
        let document = line.document.unwrap_or_default();
        let words = move || i18n.format("paid-by", &[("document", document.clone().into())]);
        view! {
            <p class="paid">
                <Icon shape=Shape::Seal />
                <span>{words}</span>
            </p>
        }
    });
    let held = (held_tiyn != 0).then(|| {
        view! {
            <div><dt>{i18n.t("sum-held")}</dt><dd class="money">{move || i18n.sum(held_tiyn)}</dd></div>
        }
    });
    view! {
        <div class="provider-line">
            <div>
                <p class="row-name">{line.name}</p>
                <p class="hint">{children}</p>
            </div>
            <dl class="facts">
                <div>
                    <dt>{i18n.t("sum-accrued")}</dt>
                    <dd class="money">{move || i18n.sum(accrued_tiyn)}</dd>
                </div>
                {held}
            </dl>
            {paid}
        </div>
    }
}
