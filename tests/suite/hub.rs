//! Tablets that see no network: what they record goes through people, by a hub or as a file.

mod bounds;
mod courier;
mod killed;
mod news;
mod way;

use std::net::SocketAddr;

use attendance::{EventKind, UnverifiedEvent};
use device::Mark;
use ledger::Lesson;
use sync_api::HubAddress;
use system_tests::{LossyProxy, Phone, Town, chess_teacher, district};

/// The first chess lesson of the month.
fn first_lesson() -> Lesson {
    district::lessons(district::CHESS)[0]
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A teacher's tablet behind a network that can be cut. It has met its server once.
async fn tablet(town: &Town) -> (Phone, LossyProxy) {
    let network = LossyProxy::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    network.unplug(true);
    (tablet, network)
}

/// A tablet that no network reaches, with something recorded, and a coordinator's hub.
struct School {
    town: Town,
    tablet: Phone,
    network: LossyProxy,
    coordinator: Phone,
    /// The text of the hub's QR.
    code: String,
}

impl School {
    /// These children came to the first lesson: one event more than there are children.
    async fn with(children: std::ops::RangeInclusive<u8>) -> Self {
        let town = Town::found().await;
        let (tablet, network) = tablet(&town).await;
        let coordinator = town.coordinator().await;
        record(&town, &tablet, children).await;
        let code = switch_hub_on(&coordinator).await.to_text();
        Self { town, tablet, network, coordinator, code }
    }
}

/// Opens the first lesson and scans these children: one event more than there are children.
async fn record(town: &Town, tablet: &Phone, children: std::ops::RangeInclusive<u8>) {
    let lesson = first_lesson();
    tablet.open(lesson.id).await;
    for child in children {
        tablet.scan(lesson.id, &town.card(child)).await.kept();
    }
}

/// Switches the hub of a device on, told to nobody but whoever scans its code.
async fn switch_hub_on(phone: &Phone) -> HubAddress {
    phone.shell.open_hub(any_port(), false).await.expect("a free port")
}

/// Counts the events in the log without the signed times that so many tablets took at their enrolment.
fn recorded(town: &Town, tablets: i64) -> i64 {
    town.count("event") - tablets
}

/// How far each event that a person recorded has come, in chain order.
async fn marks(phone: &Phone) -> Vec<Mark> {
    let marks = phone.shell.device().with(|device| {
        let rows = (0..).map_while(|seq| device.event_at(seq).expect("a readable chain"));
        let by_a_person = rows.filter(|row| {
            let event = UnverifiedEvent::parse(&row.bytes).expect("an own event");
            event.event().kind != EventKind::TimeAnchor
        });
        let hashes: Vec<_> = by_a_person.map(|row| row.hash).collect();
        let mark = |hash| device.mark_of(hash).expect("a mark").expect("an own event");
        hashes.into_iter().map(mark).collect()
    });
    marks.await
}
