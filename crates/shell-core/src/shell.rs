//! One device, one sync, and the commands over them.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use device::Device;
use hub::ParcelStore;
use ipc::{ErrorCode, ErrorView, Request};
use serde::Serialize;
use serde_json::{Value, json};
use sync_client::{Happened, SharedDevice, SyncClient, SyncError};
use tokio::sync::Notify;

use crate::clock::ShellClock;
use crate::devices::NewTicket;
use crate::error::{self, ShellError};
use crate::hubs::HubVisit;
use crate::screens::Screens;
use crate::syncing::Syncing;
use crate::vault::{KeyVault, PrivateFile};
use crate::{key, opening};

/// How to open a shell.
#[derive(Clone, Debug)]
pub struct ShellConfig {
    /// Where the database and the key are.
    pub data_dir: PathBuf,
    /// What tells the time.
    pub clock: ShellClock,
}

/// One open device with its commands. Cheap to clone: a handle.
#[derive(Clone, Debug)]
pub struct Shell {
    pub(crate) device: SharedDevice,
    pub(crate) sync: SyncClient,
    pub(crate) clock: ShellClock,
    pub(crate) carrying: Arc<Carrying>,
    pub(crate) screens: Arc<Screens>,
    pub(crate) syncing: Arc<Syncing>,
}

/// What this device carries for others, and who carries for it.
#[derive(Debug)]
pub(crate) struct Carrying {
    pub(crate) dir: PathBuf,
    /// Opened at the first use: recording does not depend on it.
    pub(crate) store: Mutex<Option<Arc<ParcelStore>>>,
    /// Told about parcels that arrive, and about each contact with the server.
    pub(crate) arrived: Arc<Notify>,
    /// True if the local network may be asked for hubs.
    pub(crate) search: AtomicBool,
    /// How the last visit to a hub went. Owned by [`Shell::sync_now`].
    pub(crate) last: Mutex<Option<HubVisit>>,
    #[cfg(feature = "hub")]
    pub(crate) hub: Mutex<Option<crate::own_hub::OwnHub>>,
}

impl Shell {
    /// Opens the device of a data directory; makes it on the first start. Its keys are kept in a
    /// [`PrivateFile`].
    ///
    /// # Errors
    /// [`ShellError`], with words a person can act on. Nothing of a refused directory is changed.
    pub fn open(config: ShellConfig) -> Result<Self, ShellError> {
        Self::open_with(config, &PrivateFile)
    }

    /// Opens the device of a data directory with a vault for its keys; makes it on the first start. A
    /// plain database is encrypted, a plain key wrapped. Of a damaged database, what can be read is
    /// saved into a new one, and the damaged one is kept beside it.
    ///
    /// # Errors
    /// [`ShellError`], with words a person can act on. Nothing of a refused directory is changed.
    pub fn open_with(config: ShellConfig, vault: &dyn KeyVault) -> Result<Self, ShellError> {
        let ShellConfig { data_dir, clock } = config;
        std::fs::create_dir_all(&data_dir)
            .map_err(|source| ShellError::Io { path: data_dir.clone(), source })?;
        let keys = key::read_or_make(&data_dir, vault)?;
        let device = opening::open(&data_dir.join("device.db"), &keys, &clock)?;
        Ok(Self {
            device: SharedDevice::new(device),
            sync: SyncClient::new()?,
            clock,
            carrying: Arc::new(Carrying {
                dir: data_dir.join("carried"),
                store: Mutex::default(),
                arrived: Arc::default(),
                search: AtomicBool::new(false),
                last: Mutex::default(),
                #[cfg(feature = "hub")]
                hub: Mutex::default(),
            }),
            screens: Arc::default(),
            syncing: Arc::default(),
        })
    }

    /// Enrols the device with a ticket, unless it is enrolled already. One whose certificate is over is
    /// renewed by it, and goes on as it is if the ticket is not taken.
    ///
    /// # Errors
    /// [`ShellError::Sync`]; the ticket can be tried again.
    pub async fn enrol(&self, ticket: &str) -> Result<(), ShellError> {
        let ends_s = |device: &mut Device| device.enrolment().map(|e| e.certificate().not_after_s);
        let now_s = |device: &mut Device| device.best_now_ms().map(|ms| ms.div_euclid(1_000));
        let standing = self.device.with(move |device| (ends_s(device), now_s(device))).await;
        let is_over = match standing {
            (None, _) => return Ok(self.sync.enrol(&self.device, ticket).await?),
            (Some(ends_s), Ok(now_s)) => ends_s < now_s,
            (Some(_), Err(_)) => false,
        };
        if is_over && let Err(error) = self.sync.enrol(&self.device, ticket).await {
            tracing::warn!(%error, "the certificate is over, and was not renewed");
        }
        Ok(())
    }

    /// Gives the device, for work that has no screen: seeding, exports, tests.
    #[must_use]
    pub fn device(&self) -> &SharedDevice {
        &self.device
    }

    /// Fetches a file of a closed month, as a coordinator's device: `bundle/2026-09`,
    /// `registry/2026-09.csv` or `registry/2026-09.json`.
    ///
    /// # Errors
    /// [`SyncError`] if the server is away, or the month is not closed.
    pub async fn fetch_file(&self, path: &str) -> Result<String, SyncError> {
        self.sync.fetch_file(&self.device, path).await
    }

    /// Runs one command of the UI: its name and its arguments, as [`Request`] has them.
    ///
    /// # Errors
    /// [`ErrorView`], which the UI knows how to show.
    pub async fn call(&self, command: &str, args: Value) -> Result<Value, ErrorView> {
        let args = if args.is_null() { json!({}) } else { args };
        let request = serde_json::from_value(json!({ "command": command, "args": args }))
            .map_err(|why| error::view(ErrorCode::BadRequest, why.to_string()))?;
        self.run(request).await
    }

    #[expect(clippy::too_many_lines, reason = "a table: one arm for each command")]
    async fn run(&self, request: Request) -> Result<Value, ErrorView> {
        let records = records(&request);
        let answer = match request {
            Request::Status {} => to_value(self.status().await?),
            Request::Enrol { ticket } => to_value(self.enrol_view(&ticket).await?),
            Request::Today { ahead } => to_value(self.today(ahead).await?),
            Request::OpenLesson { lesson } => to_value(self.open_lesson(&lesson).await?),
            Request::CloseLesson { lesson } => to_value(self.close_lesson(&lesson).await?),
            Request::ChangeLesson { lesson, change } => {
                to_value(self.change_lesson(&lesson, change).await?)
            }
            Request::Roster { lesson } => to_value(self.roster(&lesson).await?),
            Request::Days { lesson } => to_value(self.days(lesson.as_deref()).await?),
            Request::RecordScan { lesson, text, source } => {
                to_value(self.record_scan(&lesson, text, source).await?)
            }
            Request::RecordManual { lesson, child, reason } => {
                to_value(self.record_manual(&lesson, &child, reason).await?)
            }
            Request::Withdraw { event, why } => to_value(self.withdraw(&event, why).await?),
            Request::CorrectChild { event, child } => {
                to_value(self.correct_child(&event, &child).await?)
            }
            Request::RecordAbsence { lesson, child, reason, number, document } => {
                let document = document.as_deref();
                to_value(self.record_absence(&lesson, &child, reason, number, document).await?)
            }
            Request::KeepDocument { base64 } => to_value(self.keep_document(&base64).await?),
            Request::Document { document } => to_value(self.document(&document).await?),
            Request::RecordHeadcount { lesson, count } => {
                to_value(self.record_headcount(&lesson, count).await?)
            }
            Request::RecordLeaving { lesson, child, reason } => {
                to_value(self.record_leaving(&lesson, &child, reason).await?)
            }
            Request::Inside {} => to_value(self.inside().await?),
            Request::NotSure { visit } => to_value(self.not_sure(&visit).await?),
            Request::Codes {} => to_value(self.codes().await?),
            Request::Delegates {} => to_value(self.delegates().await?),
            Request::NameDelegate { name, children } => {
                to_value(self.name_delegate(name, &children).await?)
            }
            Request::EndDelegate { device } => to_value(self.end_delegate(&device).await?),
            Request::Places {} => to_value(self.places().await?),
            Request::AnswerPlace { voucher, answer } => {
                to_value(self.answer_place(&voucher, answer).await?)
            }
            Request::Sheets {} => to_value(self.sheets().await?),
            Request::SignMonth { child, month } => to_value(self.sign_month(&child, &month).await?),
            Request::Visits {} => to_value(self.visits().await?),
            Request::AnswerVisit { visit, answer } => {
                to_value(self.answer_visit(&visit, answer).await?)
            }
            Request::Completeness {} => to_value(self.completeness().await?),
            Request::SeenBy {} => to_value(self.seen_by().await?),
            Request::Proof { event } => to_value(self.proof(&event).await?),
            Request::Alarms {} => to_value(self.alarms().await?),
            Request::Export {} => to_value(self.export_view().await?),
            Request::ParcelFrames { from, count } => {
                to_value(self.parcel_frames(from, count).await?)
            }
            Request::CollectFrame { text } => to_value(self.collect_frame(&text).await?),
            Request::Sync {} => to_value(self.sync_view().await?),
            Request::Collect {} => to_value(self.collect().await?),
            Request::HubSwitch { on } => to_value(self.hub_switch(on).await?),
            Request::HubLearn { text } => to_value(self.hub_learn(&text).await?),
            Request::CarryExport { own } => to_value(self.carry_export(own).await?),
            Request::CarryImport { text } => to_value(self.carry_in(text).await?),
            Request::Resume { online } => {
                self.resume(online);
                Ok(Value::Null)
            }
            Request::Board {} => to_value(self.board().await?),
            Request::Choices {} => to_value(self.choices().await?),
            Request::MakeTicket { role, name, provider, groups, children, replaces } => {
                let new = NewTicket { role, name, provider, groups, children, replaces };
                to_value(self.make_ticket(new).await?)
            }
            Request::RevokeDevice { device, reason } => {
                to_value(self.revoke_device(&device, reason).await?)
            }
            Request::ReleaseEvents { device, last } => {
                to_value(self.release_events(&device, &last).await?)
            }
            Request::DecideVisit { visit, was, finding, document } => {
                to_value(self.decide_visit(&visit, was, finding, document).await?)
            }
            Request::ChangeGrants { device, name, groups } => {
                to_value(self.change_grants(&device, name, &groups).await?)
            }
            Request::CloseMonth { month } => to_value(self.close_month(&month).await?),
            Request::RecordPayment { month, provider, amount_tiyn, document } => {
                to_value(self.record_payment(&month, &provider, amount_tiyn, document).await?)
            }
            Request::Registry { month, format } => to_value(self.registry(&month, &format).await?),
        };
        if records {
            self.happened(Happened::Recorded);
        }
        answer
    }
}

/// Says whether a command makes an event, so that a sync is due soon.
fn records(request: &Request) -> bool {
    matches!(
        request,
        Request::OpenLesson { .. }
            | Request::CloseLesson { .. }
            | Request::ChangeLesson { .. }
            | Request::RecordScan { .. }
            | Request::RecordManual { .. }
            | Request::Withdraw { .. }
            | Request::CorrectChild { .. }
            | Request::RecordAbsence { .. }
            | Request::RecordHeadcount { .. }
            | Request::RecordLeaving { .. }
            | Request::SignMonth { .. }
            | Request::AnswerVisit { .. }
            | Request::AnswerPlace { .. }
            | Request::CloseMonth { .. }
            | Request::RecordPayment { .. }
    )
}

fn to_value<T: Serialize>(view: T) -> Result<Value, ErrorView> {
    serde_json::to_value(view).map_err(|why| error::view(ErrorCode::Broken, why.to_string()))
}
