//! Drafts: records that somebody may propose, and whoever may write them puts in force or declines.

use serde_json::{Map, Value};
use server_store::{AccountId, Draft, DraftEnd, DraftId};

use crate::error::ServerError;
use crate::server::Server;

/// So many drafts wait at most.
const OPEN_MAX: u32 = 100;

/// A draft that waits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct OpenDraft {
    pub(crate) draft: DraftId,
    /// When it was laid before, milliseconds since 1970-01-01T00:00Z.
    pub(crate) at_ms: i64,
    /// By whom.
    pub(crate) account: AccountId,
    /// The fields of its form, by their names.
    pub(crate) fields: Vec<(String, String)>,
}

impl Server {
    /// Lays the fields of a form before whoever may write them; says whether there was room.
    pub(crate) async fn lay_draft(
        &self,
        by: AccountId,
        what: &str,
        fields: Vec<(String, String)>,
    ) -> Result<bool, ServerError> {
        let draft = DraftId(self.entropy.draw()?);
        let fields: Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        let (at_ms, fields) = (self.clock.now_ms(), Value::Object(fields).to_string());
        let new = Draft { draft, at_ms, account: by, what: what.to_owned(), fields };
        let done = self.store.put_draft(new, OPEN_MAX).await?;
        if done {
            self.did(by, "draft_laid", draft.to_string()).await?;
        }
        Ok(done)
    }

    /// Lists the drafts that wait, oldest first.
    pub(crate) async fn open_drafts(&self) -> Result<Vec<OpenDraft>, ServerError> {
        let drafts = self.store.open_drafts().await?;
        let read = |one: Draft| {
            let fields: Map<String, Value> =
                serde_json::from_str(&one.fields).map_err(|_| ServerError::Stored("draft"))?;
            let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
            let fields = fields.into_iter().map(|(name, value)| (name, text(value))).collect();
            Ok(OpenDraft { draft: one.draft, at_ms: one.at_ms, account: one.account, fields })
        };
        drafts.into_iter().map(read).collect()
    }

    /// Ends a draft that is not put in force; says whether it was open.
    pub(crate) async fn drop_draft(
        &self,
        draft: DraftId,
        by: AccountId,
    ) -> Result<bool, ServerError> {
        let done = self.end_draft(draft, by, None).await?;
        if done {
            self.did(by, "draft_dropped", draft.to_string()).await?;
        }
        Ok(done)
    }

    /// Notes which version of the district a draft became.
    pub(super) async fn end_draft(
        &self,
        draft: DraftId,
        account: AccountId,
        version: Option<u32>,
    ) -> Result<bool, ServerError> {
        let at_ms = self.clock.now_ms();
        Ok(self.store.end_draft(DraftEnd { draft, at_ms, account, version }).await?)
    }
}
