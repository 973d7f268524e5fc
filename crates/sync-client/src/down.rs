//! Downwards: trust list, visits, board, statements.

use device::{SeenStatement, SeenVisit};
use sync_api::{
    BoardResponse, ConfirmationsResponse, MonthStage, PlacesResponse, SeenVisitResponse,
    StatementResponse, TRANCHE_DOMAIN, TrustResponse, ViewsResponse, VisitsResponse,
};

use crate::client::{Contact, SyncReport};
use crate::error::SyncError;
use crate::shared::SharedDevice;

/// Where it is kept who saw the own children.
const VIEWS: &str = "views";
/// Where it is kept what is offered to the own children.
const PLACES: &str = "places";
/// How many views are kept for the screen.
const VIEWS_KEPT: usize = 200;
/// How many pages of them one contact asks for; the next one goes on.
const VIEWS_PAGES_MAX: usize = 20;

impl Contact {
    pub(crate) async fn fetch_trust(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let have = device.with(|device| device.enrolment().map(|e| e.trust_list().version)).await;
        let have = have.ok_or(SyncError::NotEnrolled)?;
        if self.hello.trust_version <= have {
            return Ok(());
        }
        let answer: TrustResponse = self.send(self.request(&format!("delta/trust/{have}"))).await?;
        let installed =
            device.with(move |device| device.install_trust_list(&answer.trust_list.0)).await;
        installed.map_err(|error| SyncError::Proof(error.to_string()))
    }

    pub(crate) async fn fetch_visits(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        let mut from =
            device.with(|device| device.visits_cursor()).await.map_err(SyncError::device)?;
        loop {
            let page: VisitsResponse =
                self.send(self.request(&format!("delta/visits/{from}"))).await?;
            let seen = seen(page.visits)?;
            let (note, next) = (page.checkpoint, page.next);
            self.follow(device, &note).await?;
            let stored = device.with(move |device| device.store_visits(&seen, &note)).await;
            report.received += stored.map_err(|error| SyncError::Proof(error.to_string()))? as u64;
            let noted = device.with(move |device| device.visits_looked_through(next)).await;
            noted.map_err(SyncError::device)?;
            if !page.more || page.next <= from {
                return Ok(());
            }
            from = page.next;
        }
    }

    /// Fetches what families answered about the visits that this device recorded.
    pub(crate) async fn fetch_answers(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        let mut from =
            device.with(|device| device.answers_cursor()).await.map_err(SyncError::device)?;
        loop {
            let call = self.request(&format!("delta/confirmations/{from}"));
            let page: ConfirmationsResponse = match self.send(call).await {
                // An older server has no such place.
                Err(SyncError::Refused(problem)) if problem.status == 404 => return Ok(()),
                page => page?,
            };
            let seen = seen(page.answers)?;
            let (note, next) = (page.checkpoint, page.next);
            self.follow(device, &note).await?;
            let stored = device.with(move |device| device.store_answers(&seen, &note, next)).await;
            report.received += stored.map_err(|error| SyncError::Proof(error.to_string()))? as u64;
            if !page.more || next <= from {
                return Ok(());
            }
            from = next;
        }
    }

    /// Fetches who saw the own children, and keeps the newest of it for the screen. It is the server's
    /// word; an older server says nothing.
    pub(crate) async fn fetch_views(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let kept = device.with(|device| device.cache(VIEWS)).await.map_err(SyncError::device)?;
        let kept = kept.and_then(|kept| serde_json::from_str::<ViewsResponse>(&kept.json).ok());
        let mut all = kept.unwrap_or(ViewsResponse { views: Vec::new(), next: 0, more: true });
        for _ in 0..VIEWS_PAGES_MAX {
            let page: ViewsResponse =
                match self.send(self.request(&format!("views/{}", all.next))).await {
                    Err(SyncError::Refused(problem)) if problem.status == 404 => return Ok(()),
                    page => page?,
                };
            all.more = page.more && page.next > all.next;
            all.next = all.next.max(page.next);
            all.views.extend(page.views);
            let beyond = all.views.len().saturating_sub(VIEWS_KEPT);
            all.views.drain(..beyond);
            if !all.more {
                break;
            }
        }
        let json = serde_json::to_string(&all).map_err(SyncError::device)?;
        let kept = device.with(move |device| device.cache_put(VIEWS, &json)).await;
        kept.map_err(SyncError::device)
    }

    /// Fetches what is offered to the own children. It is the server's word; an older server says nothing.
    pub(crate) async fn fetch_places(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let places: PlacesResponse = match self.send(self.request("places")).await {
            Err(SyncError::Refused(problem)) if problem.status == 404 => return Ok(()),
            places => places?,
        };
        let json = serde_json::to_string(&places).map_err(SyncError::device)?;
        let kept = device.with(move |device| device.cache_put(PLACES, &json)).await;
        kept.map_err(SyncError::device)
    }

    pub(crate) async fn fetch_board(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let board: BoardResponse = self.send(self.request("board")).await?;
        for month in board.months.iter().filter(|month| month.stage != MonthStage::Open) {
            self.fetch_statement(device, month.month).await?;
        }
        let json = serde_json::to_string(&board).map_err(SyncError::device)?;
        let kept = device.with(move |device| device.cache_put("board", &json)).await;
        kept.map_err(SyncError::device)
    }

    async fn fetch_statement(&self, device: &SharedDevice, month: u32) -> Result<(), SyncError> {
        let have = device.with(move |device| device.statement(month)).await;
        if have.map_err(SyncError::device)?.is_some() {
            return Ok(());
        }
        let path = format!("statement/{:04}-{:02}", month / 100, month % 100);
        let answer: StatementResponse = self.send(self.request(&path)).await?;
        let salt = salt(&answer.salt.0)?;
        self.follow(device, &answer.checkpoint).await?;
        let stored = device.with(move |device| {
            let seen =
                SeenStatement { month, bytes: answer.statement.0, salt, receipt: answer.receipt.0 };
            device.store_statement(&seen, &answer.checkpoint, TRANCHE_DOMAIN)
        });
        stored.await.map_err(|error| SyncError::Proof(error.to_string()))
    }
}

/// Reads what is shown with its proof.
fn seen(shown: Vec<SeenVisitResponse>) -> Result<Vec<SeenVisit>, SyncError> {
    let read = shown.into_iter().map(|one| {
        Ok(SeenVisit {
            certificate: one.certificate.0,
            event: one.event.0,
            salt: salt(&one.salt.0)?,
            receipt: one.receipt.0,
            leaf_index: one.leaf_index,
        })
    });
    read.collect()
}

/// Reads a salt as it came.
pub(crate) fn salt(bytes: &[u8]) -> Result<[u8; 16], SyncError> {
    bytes.try_into().map_err(|_| SyncError::Foreign("a salt has 16 bytes".into()))
}
