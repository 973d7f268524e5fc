//! Who looked at the own children, as the server says.

use device::Device;
use ipc::{ErrorView, SeenByView, SeenWhat, SeenWho};
use sync_api::{ViewResponse, ViewsResponse};

use crate::error;
use crate::parent::UNKNOWN;
use crate::shell::Shell;

impl Shell {
    /// Lists who looked, newest first. What this device itself fetched is left out: its holder knows.
    pub(crate) async fn seen_by(&self) -> Result<Vec<SeenByView>, ErrorView> {
        self.device
            .with(|device| {
                let kept = device.cache("views").map_err(error::of_store)?;
                // What another version kept comes again with the next sync.
                let kept = kept.and_then(|kept| serde_json::from_str(&kept.json).ok());
                let kept: Vec<ViewResponse> =
                    kept.map_or(Vec::new(), |all: ViewsResponse| all.views);
                let own = device.id();
                let others = kept.into_iter().rev().filter(|view| view.device != Some(own));
                Ok(others.map(|view| seen_by_view(device, view)).collect())
            })
            .await
    }
}

fn seen_by_view(device: &Device, view: ViewResponse) -> SeenByView {
    let name = |id| {
        let row = device.roster().and_then(|roster| roster.child(id, None));
        row.map_or_else(|| UNKNOWN.to_owned(), |child| child.name.clone())
    };
    SeenByView {
        at_ms: view.at_ms,
        child: view.child.map(name),
        who: who(&view.role),
        provider: view.provider,
        what: what(&view.what),
    }
}

fn who(role: &str) -> SeenWho {
    match role {
        "teacher" => SeenWho::Teacher,
        "parent" => SeenWho::Family,
        "coordinator" => SeenWho::Coordinator,
        "provider_admin" => SeenWho::ProviderAdmin,
        "issuer_head" | "issuer_specialist" => SeenWho::Issuer,
        "commission" => SeenWho::Commission,
        "treasury" => SeenWho::Treasury,
        "operator" => SeenWho::Operator,
        _ => SeenWho::Other,
    }
}

fn what(what: &str) -> SeenWhat {
    match what {
        "roster" => SeenWhat::Roster,
        "visits" => SeenWhat::Visits,
        "answers" => SeenWhat::Answers,
        "entry" => SeenWhat::Entry,
        "choices" => SeenWhat::Choices,
        "voucher" => SeenWhat::Voucher,
        "statement" => SeenWhat::Statement,
        "registry" => SeenWhat::Registry,
        "bundle" => SeenWhat::Bundle,
        "sheets" => SeenWhat::Sheets,
        "signals" => SeenWhat::Signals,
        "views" => SeenWhat::Views,
        _ => SeenWhat::Other,
    }
}
