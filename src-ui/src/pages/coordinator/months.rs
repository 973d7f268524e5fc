//! All months: those that wait for the coordinator or are done, the newest first, then those to come.

use ipc::{BoardView, MonthState, MonthView, StatusView, VolumeView};
use leptos::prelude::*;

use super::month::Month;
use crate::{
    components::{Bar, Bars, Loading, Notice, Rows},
    i18n::I18n,
    invoke,
    live::Live,
};

/// Shows the month board.
#[component]
pub(crate) fn Months(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let board = Live::new(invoke::board);
    let names = Memo::new(move |_| board.read(|board| in_order(&board.months)));
    let list = move || match names.with(|names| names.as_ref().map(Vec::is_empty)) {
        None => view! { <Loading /> }.into_any(),
        Some(true) => view! { <p class="empty-line">{i18n.t("months-empty")}</p> }.into_any(),
        Some(false) => view! {
            <ul class="cards single">
                <Rows
                    each=move || names.get().unwrap_or_default()
                    key=Clone::clone
                    children=move |name| view! { <Month name board /> }
                />
            </ul>
        }
        .into_any(),
    };
    view! {
        <section class="page wide-page">
            <AsOf board status />
            <h1>{i18n.t("tab-months")}</h1>
            <Notice fault=board.fault() />
            <Volumes board />
            {list}
        </section>
    }
}

/// Draws how many children learn on average, against the plan, for each volume of the year.
#[component]
fn Volumes(
    /// The board.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let volumes = Memo::new(move |_| board.read(|board| board.volumes.clone()).unwrap_or_default());
    let drawn = move |volume: VolumeView| {
        let bar = |label: String, part: &'static str, children: &String| {
            let length = millionths(children);
            Bar { label, part, from: 0, length, words: i18n.children(children) }
        };
        let planned = volume.planned.as_ref();
        let taught = volume.taught.as_ref();
        let bars = planned
            .map(|all| bar(i18n.text("volume-planned"), "plan", all))
            .into_iter()
            .chain(taught.map(|all| bar(i18n.text("volume-taught"), "accrued", all)))
            .chain([bar(i18n.text("volume-forecast"), "held", &volume.forecast)])
            .collect::<Vec<_>>();
        let months =
            [("from", i18n.month(&volume.from).into()), ("to", i18n.month(&volume.to).into())];
        let name = i18n.format("volume-name", &months);
        let head = [i18n.text("picture-part"), i18n.text("volume-children")];
        view! { <div class="card"><Bars name head bars test="picture-volume" /></div> }
    };
    move || volumes.get().into_iter().map(drawn).collect_view()
}

/// Reads a number with six decimals as millionths; nothing of another one.
fn millionths(number: &str) -> i64 {
    number.replace('.', "").parse().unwrap_or_default()
}

/// Gives the months in the order in which they concern a coordinator.
fn in_order(months: &[MonthView]) -> Vec<String> {
    let is_to_come = |month: &&MonthView| month.state == MonthState::Open && !month.may_close;
    let (to_come, begun): (Vec<_>, Vec<_>) = months.iter().partition(is_to_come);
    begun.into_iter().rev().chain(to_come).map(|month| month.month.clone()).collect()
}

/// Says how old the board is.
#[component]
pub(super) fn AsOf(
    /// The board.
    board: Live<BoardView>,
    /// Who this device is, for its clock.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let words = move || {
        let as_of_ms = board.read(|board| board.as_of_ms)?;
        let now_ms = status.read(|status| status.clock.now_ms)?;
        Some(match as_of_ms {
            Some(ms) => i18n.format("board-as-of", &[("ago", i18n.ago(ms, now_ms).into())]),
            None => i18n.text("board-never"),
        })
    };
    view! { <p class="eyebrow">{words}</p> }
}
