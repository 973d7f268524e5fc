//! The life of a device: its ticket, its certificates, its end, and what becomes of its events then.

mod commands;
mod expired;
mod release;
mod renewal;
mod revocation;
mod scope;
mod tickets;

use attendance::{BootId, DeviceId, EventDraft, EventKind, RevocationReason, Role};
use ipc::{BoardView, DeviceView};
use seal::Hash;
use serde_json::json;
use sync_api::BatchResponse;
use system_tests::{Pen, Phone, Town, grant};

use super::batch;

async fn id_of(phone: &Phone) -> DeviceId {
    phone.shell.device().with(|device| device.id()).await
}

/// The line of a device on the coordinator's board, as of now.
async fn line_of(coordinator: &Phone, device: DeviceId) -> DeviceView {
    coordinator.sync().await.done();
    let board = coordinator.board().await;
    let line = board.devices.into_iter().find(|line| line.device == device.to_string());
    line.expect("the device is on the board")
}

async fn revoke(coordinator: &Phone, device: DeviceId) -> BoardView {
    coordinator.call("revoke_device", json!({ "device": device, "reason": "lost" })).await
}

/// A device that writes any events, enrolled with this role and no provider.
async fn pen_with_role(town: &Town, seed: u8, role: Role) -> Pen {
    let pen = Pen::new(seed);
    let ticket = town.ticket(&grant(role, "Pen"), &town.address()).await;
    let answer = town.wire().post("enrol", &pen.enrol(&ticket)).await;
    let _enrolled: sync_api::EnrolResponse = answer.fine();
    pen
}

fn decision(kind: EventKind) -> EventDraft {
    EventDraft::new(kind, system_tests::district::FIRST_MORNING_MS, 1_000, BootId([9; 8]))
}

fn revocation(subject: DeviceId) -> EventDraft {
    EventDraft {
        subject: Some(subject),
        revocation: Some(RevocationReason::Stolen),
        ..decision(EventKind::DeviceRevoke)
    }
}

fn release_of(subject: DeviceId, last: Hash) -> EventDraft {
    EventDraft { subject: Some(subject), about: Some(last), ..decision(EventKind::EventRelease) }
}

async fn put(town: &Town, events: &[Vec<u8>]) -> BatchResponse {
    town.carrier().await.put_batch(batch(events)).await.fine()
}
