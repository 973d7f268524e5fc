//! Is anything about an own child hidden? For a parent's eyes.

use attendance::EventKind;
use device::{Completeness, MissingWhy, OwnEntry};
use ipc::{CompletenessView, EntryFault, EntryKind, EntryView, ErrorView, FaultView};

use crate::error;
use crate::parent::UNKNOWN;
use crate::shell::Shell;
use crate::status::role_view;

impl Shell {
    pub(crate) async fn completeness(&self) -> Result<Vec<CompletenessView>, ErrorView> {
        self.device
            .with(|device| {
                let known = device.completeness().map_err(error::of_store)?;
                let name = |known: &Completeness| {
                    let child = device.roster().and_then(|roster| roster.child(known.child, None));
                    child.map_or_else(|| UNKNOWN.to_owned(), |child| child.name.clone())
                };
                Ok(known.into_iter().map(|known| view(name(&known), known)).collect())
            })
            .await
    }
}

fn view(child: String, known: Completeness) -> CompletenessView {
    let complete_to = known.complete_to();
    let missing = known.missing.into_iter().map(|missing| {
        let (fault, detail) = match missing.why {
            MissingWhy::NotAsked => (EntryFault::NotAsked, None),
            MissingWhy::Refused(said) => (EntryFault::NotShown, Some(said)),
            MissingWhy::Wrong(why) => (EntryFault::Wrong, Some(why)),
        };
        FaultView { leaf_index: missing.leaf_index, fault, detail }
    });
    let unnamed = known.unnamed.into_iter();
    let unnamed = unnamed.map(|leaf_index| FaultView {
        leaf_index,
        fault: EntryFault::Unnamed,
        detail: None,
    });
    let mut faults: Vec<_> = missing.chain(unnamed).collect();
    faults.sort_by_key(|fault| fault.leaf_index);
    let entries = known.entries.into_iter().map(entry_view).collect();
    CompletenessView { child, complete_to, at_ms: known.at_ms, faults, entries }
}

fn entry_view(entry: OwnEntry) -> EntryView {
    EntryView {
        leaf_index: entry.leaf_index,
        event: entry.hash.to_string(),
        kind: kind_view(entry.kind),
        at_ms: entry.at_ms,
        role: entry.role.map(role_view),
        device: match entry.kind {
            device::EntryKind::Card(card) => card.to_string(),
            device::EntryKind::Event(_) | _ => entry.device,
        },
        own: entry.own,
    }
}

fn kind_view(kind: device::EntryKind) -> EntryKind {
    match kind {
        device::EntryKind::Event(EventKind::In) => EntryKind::In,
        device::EntryKind::Event(EventKind::Out) => EntryKind::Out,
        device::EntryKind::Event(EventKind::Absent) => EntryKind::Absent,
        device::EntryKind::Event(EventKind::Correct) => EntryKind::Correct,
        device::EntryKind::Event(EventKind::Void) => EntryKind::Void,
        device::EntryKind::Event(EventKind::Confirm) => EntryKind::Confirm,
        device::EntryKind::Event(EventKind::Dispute) => EntryKind::Dispute,
        device::EntryKind::Event(EventKind::MonthSign) => EntryKind::MonthSign,
        device::EntryKind::Card(_) => EntryKind::Card,
        device::EntryKind::Event(_) | _ => EntryKind::Other,
    }
}
