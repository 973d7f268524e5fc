//! The staff: whose devices record for a provider and whose keys sign for it or for the issuer, with their
//! groups and for how long.
//!
//! Absent on purpose: families' devices, and anything of a person but the name that a coordinator or the
//! console gave the device.

use std::sync::Arc;

use attendance::{DeviceCertificate, Duty, Role};
use axum::extract::State;
use axum::response::Response;
use ledger::Snapshot;
use maud::{Markup, html};
use server_store::StoredDevice;

use super::access::Visitor;
use super::words::Words;
use super::{frame, menu};
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let snapshots = server.snapshots().await?;
    let district = &snapshots.newest().snapshot;
    let now_s = server.clock.now_ms().div_euclid(1000);
    let staff = server.staff_within(visitor.reach()).await?;
    let rows: Vec<Vec<Markup>> =
        staff.iter().map(|(device, one)| row(w, district, now_s, device, one)).collect();
    let heads = [
        w.t("account-name"),
        w.t("account-duty"),
        w.t("provider"),
        w.t("group"),
        w.t("account-since"),
        w.t("staff-until"),
        w.t("staff-heard"),
        w.t("state"),
        w.t("staff-device"),
    ];
    let body = html! {
        p { (w.t("staff-lead")) }
        @if rows.is_empty() {
            p.warn data-testid="no-staff" { (w.t("staff-none")) }
        } @else {
            (frame::table(&w.t("staff-caption"), &heads, &rows))
        }
    };
    Ok(frame::page(&visitor, &w.t("staff-title"), &body))
}

fn row(
    w: Words,
    district: &Snapshot,
    now_s: i64,
    device: &StoredDevice,
    one: &DeviceCertificate,
) -> Vec<Markup> {
    let provider = one.provider.and_then(|id| district.provider(id)).map(|it| it.name.as_str());
    let groups = one.groups.iter().filter_map(|id| district.group(*id));
    let standing = Standing::of(device, one, now_s);
    vec![
        frame::cell(&one.name),
        frame::cell(duty(w, one.role)),
        frame::cell(provider.unwrap_or("–")),
        html! { ul { @for group in groups { li { (group.name) } } } },
        frame::cell(w.moment(one.not_before_s.saturating_mul(1000))),
        frame::cell(w.moment(one.not_after_s.saturating_mul(1000))),
        frame::cell(device.last_contact_ms.map_or_else(|| "–".to_owned(), |at_ms| w.moment(at_ms))),
        html! {
            span.late[!matches!(standing, Standing::InUse)] data-testid="staff-standing" data-standing=(standing.word()) {
                (standing.name(w))
            }
        },
        html! { code { (device.device) } },
    ]
}

fn duty(w: Words, role: Role) -> String {
    match role {
        Role::Teacher => w.t("duty-teacher"),
        Role::ProviderAdmin => menu::duty(w, Duty::ProviderAdmin),
        Role::Coordinator => menu::duty(w, Duty::Coordinator),
        Role::Issuer => menu::duty(w, Duty::IssuerHead),
        // No staff: the server lists none.
        Role::Parent => menu::duty(w, Duty::Parent),
        Role::Delegate => menu::duty(w, Duty::Delegate),
    }
}

/// How a device stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Standing {
    InUse,
    Suspended,
    Revoked,
    Over,
}

impl Standing {
    fn of(device: &StoredDevice, certificate: &DeviceCertificate, now_s: i64) -> Self {
        if device.revoked.is_some() {
            Self::Revoked
        } else if device.suspended {
            Self::Suspended
        } else if certificate.not_after_s < now_s {
            Self::Over
        } else {
            Self::InUse
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::InUse => "in-use",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Over => "over",
        }
    }

    fn name(self, w: Words) -> String {
        match self {
            Self::InUse => w.t("staff-in-use"),
            Self::Suspended => w.t("staff-suspended"),
            Self::Revoked => w.t("staff-revoked"),
            Self::Over => w.t("staff-over"),
        }
    }
}
