//! The sheets of a month: what is to be signed, and who signed it.

use std::collections::BTreeSet;

use attendance::{Action, ChildId, DeviceCertificate, ProviderId};
use ledger::report::SheetAt;
use ledger::signing::{PaperSignature, SheetDecision, SheetStanding, SignedMonth};
use ledger::{LoggedEvent, Month, Snapshots};
use seal::Hash;
use server_store::StoredTranche;
use sync_api::{
    Base64, HexHash, PaperResponse, PaperSignatureResponse, ProblemKind, RefusedSignatureResponse,
    SheetDecisionResponse, SheetHolderResponse, SheetStandingResponse, SheetsResponse,
    SupplementaryResponse,
};

use crate::error::ServerError;
use crate::server::Server;

/// Whose sheets, groups and sums somebody may see.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    /// Those of every provider.
    District,
    /// Those of one provider.
    Provider(ProviderId),
    /// None.
    Nobody,
}

impl Reach {
    /// Says whose board a device may see.
    pub(crate) fn of(by: &DeviceCertificate) -> Self {
        if by.permitted(Action::ReadBoard).decides() {
            return Self::District;
        }
        by.provider.map_or(Self::Nobody, Self::Provider)
    }

    /// Tells whether a provider is among them.
    pub(crate) fn covers(self, provider: ProviderId) -> bool {
        match self {
            Self::District => true,
            Self::Provider(own) => own == provider,
            Self::Nobody => false,
        }
    }
}

impl Server {
    /// Gives a month's sheets as far as somebody may see them, and the children that are in them.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the district has no such month, the others if storage or the fold
    /// fails.
    pub(crate) async fn sheets(
        &self,
        reach: Reach,
        month: Month,
    ) -> Result<(SheetsResponse, BTreeSet<ChildId>), ServerError> {
        let signed = self.signed_month(month).await?.ok_or_else(|| {
            let detail =
                format!("there are no rules for {month}: it is not a month of the district");
            ServerError::refused(ProblemKind::NotFound, detail)
        })?;
        let snapshots = self.snapshots().await?;
        let newest = &snapshots.newest().snapshot;
        let withheld = signed.withheld();
        let (mut sheets, mut children) = (Vec::new(), BTreeSet::new());
        let own = |one: &&SheetStanding| reach.covers(one.provider);
        for one in signed.sheets.iter().filter(own) {
            let late = one.supplementary.iter().flat_map(|late| &late.statement.rows);
            children.extend(one.sheet.rows.iter().chain(late).map(|row| row.child));
            let name = newest.provider(one.provider).map(|provider| provider.name.clone());
            let withheld = withheld.get(&one.provider).map(|why| (*why).to_owned());
            sheets.push(SheetStandingResponse {
                name: name.unwrap_or_default(),
                withheld,
                ..standing(one)
            });
        }
        let response = SheetsResponse {
            month: month.number(),
            close_leaf: signed.close,
            acts_required: signed.acts_required,
            sheets,
        };
        Ok((response, children))
    }

    /// Reads a month's sheets; nothing if there are no rules for it, or no contract touches it.
    pub(crate) async fn signed_month(
        &self,
        month: Month,
    ) -> Result<Option<SignedMonth>, ServerError> {
        let snapshots = self.snapshots().await?;
        if !snapshots.months().contains(&month) {
            return Ok(None);
        }
        let events = self.every_event().await?;
        let stored = self.stored_tranche(month).await?;
        self.signed_month_of(month, &snapshots, &events, stored.as_ref()).await
    }

    /// The same, of events that are read already.
    pub(crate) async fn signed_month_of(
        &self,
        month: Month,
        snapshots: &Snapshots,
        events: &[LoggedEvent],
        stored: Option<&StoredTranche>,
    ) -> Result<Option<SignedMonth>, ServerError> {
        let today = self.today()?;
        let signed = match stored {
            Some(stored) => {
                let tranche = self.tranche(stored.leaf_index).await?;
                let rests_on =
                    snapshots.all().find(|one| one.snapshot.hash() == tranche.snapshot_hash);
                let rests_on = rests_on.ok_or(ServerError::Stored("tranche"))?;
                SignedMonth::of_tranche(&rests_on.snapshot, events, &tranche, today)
            }
            None => SignedMonth::of_open(snapshots, events, month, today),
        };
        signed.map_err(|error| ServerError::Ledger(error.to_string()))
    }
}

fn standing(one: &SheetStanding) -> SheetStandingResponse {
    let sheet =
        paper((one.sheet.to_bytes(), one.sheet_hash), [one.signed.as_ref(), one.approved.as_ref()]);
    let act = one.act.as_ref().zip(one.act_hash).map(|(act, hash)| {
        paper((act.to_bytes(), hash), [one.act_signed.as_ref(), one.act_approved.as_ref()])
    });
    let returned = one.returned.as_ref().map(|(told, until)| SheetDecisionResponse {
        until: until.map(|day| day.to_string()),
        ..decision(told)
    });
    let supplementary = one.supplementary.as_ref().map(|late| SupplementaryResponse {
        sheet: paper(
            (late.statement.to_bytes(), late.hash),
            [late.signed.as_ref(), late.approved.as_ref()],
        ),
        until: late.until.to_string(),
    });
    let refused = one.refused.iter().map(|refused| RefusedSignatureResponse {
        leaf: refused.leaf,
        device: refused.device,
        why: refused.why.to_string(),
    });
    SheetStandingResponse {
        provider: one.provider,
        name: String::new(),
        state: one.state.as_str().to_owned(),
        holder: one.at.map(holder),
        sheet,
        act,
        act_number: one.act_number.clone(),
        due_tiyn: one.due.map(|due| due.0),
        document: one.paid.as_ref().map(|(document, _)| document.clone()),
        payment_leaf: one.paid.as_ref().map(|(_, leaf)| *leaf),
        returned,
        paused: one.paused.as_ref().map(decision),
        invalid: one.invalid.as_ref().map(decision),
        supplementary,
        refused: refused.collect(),
        withheld: None,
    }
}

fn paper(
    (bytes, hash): (Vec<u8>, Hash),
    signatures: [Option<&PaperSignature>; 2],
) -> PaperResponse {
    let signatures = signatures.into_iter().flatten().map(|one| PaperSignatureResponse {
        side: word(&one.side),
        key_id: one.key_id(),
        device: one.device,
        on: one.on.map(|day| day.to_string()),
        leaf: one.leaf,
        event: HexHash(one.event),
        foreign: one.foreign.as_ref().map(|foreign| foreign.algorithm.clone()),
    });
    PaperResponse { bytes: Base64(bytes), sha256: HexHash(hash), signatures: signatures.collect() }
}

fn decision(told: &SheetDecision) -> SheetDecisionResponse {
    SheetDecisionResponse {
        leaf: told.leaf,
        on: told.on.map(|day| day.to_string()),
        document: told.document.clone(),
        until: None,
    }
}

fn holder(at: SheetAt) -> SheetHolderResponse {
    SheetHolderResponse {
        step: word(&at.step),
        holder: word(&at.holder),
        since: at.since.to_string(),
        until: at.until.to_string(),
        late: at.late,
    }
}

/// The word that a value has in JSON.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
