//! Who teaches: groups with their schedule, providers with grounds.

use std::sync::Arc;

use attendance::Action;
use axum::extract::State;
use axum::response::Response;
use ledger::report::{GroundReport, ProviderReport};
use ledger::{Group, Tiyn, VoucherRegister, Weekday};
use maud::{Markup, html};

use super::access::Visitor;
use super::statement::ground_name;
use super::words::Words;
use super::{forms, frame, tables};
use crate::error::ServerError;
use crate::server::Server;
use crate::tables::TableKind;

pub(super) async fn groups(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let reach = visitor.reach();
    let snapshots = server.snapshots().await?;
    let snapshot = &snapshots.newest().snapshot;
    let today = server.today()?;
    let named = |group: &Group| {
        snapshot.provider(group.provider).map(|one| one.name.clone()).unwrap_or_default()
    };
    let own: Vec<_> = snapshot.groups.iter().filter(|group| reach.covers(group.provider)).collect();
    let register = if own.iter().any(|group| group.capacity.is_some()) {
        Some(VoucherRegister::of(&snapshots, &server.every_event().await?))
    } else {
        None
    };
    let places = |group: &Group| {
        let register = group.capacity.and(register.as_ref());
        let taken = register.map(|register| register.places_taken(group.id, today).to_string());
        frame::cell(taken.unwrap_or_else(|| "–".to_owned()))
    };
    let children =
        |group: &Group| snapshot.contracts.iter().filter(|one| one.is_in(group.id, today)).count();
    let rows: Vec<Vec<Markup>> = own
        .into_iter()
        .map(|group| {
            let days: Vec<String> = group.weekdays.iter().map(|day| weekday(w, *day)).collect();
            vec![
                frame::cell(&group.name),
                frame::cell(named(group)),
                frame::cell(days.join(", ")),
                frame::cell(&group.start),
                frame::cell(w.with("minutes", &[("count", group.minutes.to_string())])),
                frame::cell(children(group)),
                places(group),
                frame::cell(group.capacity.map_or_else(|| "–".to_owned(), |one| one.to_string())),
            ]
        })
        .collect();
    let heads = [
        w.t("group"),
        w.t("provider"),
        w.t("weekdays"),
        w.t("start"),
        w.t("length"),
        w.t("children-today"),
        w.t("places-taken"),
        w.t("capacity"),
    ];
    let changes = visitor.prepares();
    let body = html! {
        (frame::table(&w.t("groups-caption"), &heads, &rows))
        @if changes {
            (tables::form(&visitor, "/console/groups", &[TableKind::Schedules, TableKind::Groups]))
        }
    };
    Ok(frame::page(&visitor, &w.t("groups-title"), &body))
}

pub(super) fn weekday(w: Words, day: Weekday) -> String {
    match day {
        Weekday::Mon => w.t("mon"),
        Weekday::Tue => w.t("tue"),
        Weekday::Wed => w.t("wed"),
        Weekday::Thu => w.t("thu"),
        Weekday::Fri => w.t("fri"),
        Weekday::Sat => w.t("sat"),
        Weekday::Sun => w.t("sun"),
    }
}

pub(super) async fn providers(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let reach = visitor.reach();
    let reports = server.providers_report().await?;
    let own: Vec<_> = reports.iter().filter(|one| reach.covers(one.provider)).collect();
    let rows: Vec<Vec<Markup>> = own.iter().map(|one| provider_row(w, one)).collect();
    let grounds: Vec<Vec<Markup>> = own
        .iter()
        .flat_map(|one| one.grounds.iter().map(|ground| ground_row(w, &one.name, ground)))
        .collect();
    let body = html! {
        (frame::table(
            &w.t("providers-caption"),
            &[w.t("provider"), w.t("state"), w.t("suspended"), w.t("waiting"), w.t("owed"),
              w.t("unpaid"), w.t("payer-lag"), w.t("to-do")],
            &rows,
        ))
        @if grounds.is_empty() {
            p { (w.t("grounds-none")) }
        } @else {
            (frame::table(
                &w.t("grounds-caption"),
                &[w.t("provider"), w.t("ground"), w.t("opened"), w.t("evidence"), w.t("deadline"), w.t("cured")],
                &grounds,
            ))
        }
        p.soft { (w.t("grounds-how")) }
        @if visitor.scope(Action::SuspendProvider).decides() { (forms::provider(&visitor, &reports)) }
    };
    Ok(frame::page(&visitor, &w.t("providers-title"), &body))
}

fn provider_row(w: Words, one: &ProviderReport) -> Vec<Markup> {
    let state = match one.state {
        "ACTIVE" => w.t("provider-active"),
        "SUSPENDED" => w.t("provider-suspended"),
        "TERMINATING" => w.t("provider-terminating"),
        "TERMINATED" => w.t("provider-terminated"),
        other => other.to_owned(),
    };
    let object = one.may_object_until.map(|day| w.with("may-object", &[("day", day.to_string())]));
    vec![
        frame::cell(&one.name),
        html! {
            span data-testid="provider-state" data-state=(one.state) { (state) }
            @if let Some(object) = object { ", " (object) }
        },
        frame::cell(w.sum(one.suspended_tiyn)),
        frame::cell(w.sum(one.waiting_tiyn)),
        frame::cell(w.sum(one.owed_tiyn)),
        html! {
            ul { @for act in &one.unpaid { li { (act.month) ": " (w.sum(act.due_tiyn)) } } }
        },
        html! {
            @if one.payer_lag_tiyn > Tiyn::ZERO { span.late { (w.sum(one.payer_lag_tiyn)) } }
        },
        html! { ul { @for due in &one.due { li lang="en" { (due) } } } },
    ]
}

fn ground_row(w: Words, provider: &str, ground: &GroundReport) -> Vec<Markup> {
    let name = ground_name(w, ground.ground);
    let cured = ground.cured.as_ref().map(|(day, document)| format!("{day}, {document}"));
    vec![
        frame::cell(provider),
        frame::cell(name),
        frame::cell(ground.opened_on),
        frame::cell(&ground.evidence),
        frame::cell(ground.deadline),
        frame::cell(cured.unwrap_or_default()),
    ]
}
