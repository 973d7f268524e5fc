//! A device in somebody's hand. Its verbs are what people do; what they saw comes back.

use std::path::{Path, PathBuf};

use attendance::LessonId;
use device::DeviceStatus;
use ipc::{
    BoardView, CompletenessView, ErrorCode, ErrorView, Outcome, ProofView, RefusalCode, ScanView,
    VisitView,
};
use seal::Hash;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shell_core::{Shell, ShellClock, ShellConfig};
use sync_api::{Base64, HELLO_DOMAIN, HelloClaims, HelloRequest};
use sync_client::{SyncError, SyncReport};

/// One device: teacher's, parent's or coordinator's.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The commands of its screens.
    pub shell: Shell,
    /// Where its files are.
    pub dir: PathBuf,
}

/// What a scan showed.
#[derive(Debug)]
pub struct Scanned(Result<ScanView, ErrorView>);

/// How a sync went.
#[derive(Debug)]
pub struct Synced(Result<SyncReport, SyncError>);

impl Phone {
    /// Switches the device of a directory on.
    ///
    /// # Panics
    /// If its files do not open.
    #[must_use]
    pub fn switch_on(dir: &Path, clock: ShellClock) -> Self {
        let config = ShellConfig { data_dir: dir.to_owned(), clock };
        let shell = Shell::open(config).expect("the device's files open");
        Self { shell, dir: dir.to_owned() }
    }

    /// Runs a command that must succeed.
    ///
    /// # Panics
    /// If it does not.
    pub async fn call<T: DeserializeOwned>(&self, command: &str, args: Value) -> T {
        let answer = self.shell.call(command, args).await;
        let answer = answer.unwrap_or_else(|error| panic!("{command}: {error:?}"));
        serde_json::from_value(answer).expect("the view of the command")
    }

    /// Runs a command that must not succeed, and gives the code.
    ///
    /// # Panics
    /// If it succeeds.
    pub async fn refused(&self, command: &str, args: Value) -> ErrorCode {
        match self.shell.call(command, args).await {
            Ok(answer) => panic!("{command} was done: {answer}"),
            Err(error) => error.code,
        }
    }

    /// Opens a lesson.
    pub async fn open(&self, lesson: LessonId) {
        drop(self.call::<Value>("open_lesson", json!({ "lesson": lesson })).await);
    }

    /// Scans what a code says.
    pub async fn scan(&self, lesson: LessonId, text: &str) -> Scanned {
        let args = json!({ "lesson": lesson, "text": text, "source": "image" });
        let answer = self.shell.call("record_scan", args).await;
        Scanned(answer.map(|view| serde_json::from_value(view).expect("a scan's view")))
    }

    /// Syncs.
    pub async fn sync(&self) -> Synced {
        Synced(self.shell.sync_now().await)
    }

    /// Counts what waits.
    ///
    /// # Panics
    /// If the database cannot be read.
    pub async fn status(&self) -> DeviceStatus {
        self.shell.device().with(|device| device.status()).await.expect("the status")
    }

    /// Lists the visits on the screen.
    pub async fn visits(&self) -> Vec<VisitView> {
        self.call("visits", json!({})).await
    }

    /// Shows of each own child whether anything is hidden.
    pub async fn completeness(&self) -> Vec<CompletenessView> {
        self.call("completeness", json!({})).await
    }

    /// Shows the proof of an event.
    pub async fn proof(&self, event: &str) -> ProofView {
        self.call("proof", json!({ "event": event })).await
    }

    /// Shows the coordinator's board.
    pub async fn board(&self) -> BoardView {
        self.call("board", json!({})).await
    }

    /// Gives the signed bytes of all own events.
    ///
    /// # Panics
    /// If the database cannot be read.
    pub async fn events(&self) -> Vec<(Hash, Vec<u8>)> {
        let all = self.shell.device().with(|device| {
            let rows = (0..).map(|seq| device.event_at(seq).expect("the chain is readable"));
            rows.map_while(|row| row.map(|row| (row.hash, row.bytes))).collect()
        });
        all.await
    }

    /// Says hello the way the sync does, to be sent by hand.
    ///
    /// # Panics
    /// If the key does not sign.
    pub async fn hello(&self) -> HelloRequest {
        let claims = self.shell.device().with(|device| {
            let head = device.chain_head().expect("the chain is readable");
            let claims = HelloClaims {
                device: device.id(),
                seq_next: head.seq_next,
                head: head.prev,
                wall_ms: device.now().wall_ms,
                version: "0.1.0".to_owned(),
                mono_ms: None,
                boot: None,
            };
            device.sign(HELLO_DOMAIN, seal::to_canonical(&claims)).expect("the key signs")
        });
        HelloRequest { claims: Base64(claims.await), certificate: None }
    }
}

impl Scanned {
    /// The visit was recorded. Gives its event.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn kept(self) -> String {
        let view = self.view();
        assert_eq!((view.outcome, view.refusal), (Outcome::Kept, None), "{view:?}");
        view.event.expect("a kept scan has an event")
    }

    /// The visit of a child of another group was recorded.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn kept_as_guest(self) {
        let view = self.view();
        assert_eq!((view.outcome, view.refusal), (Outcome::Guest, None), "{view:?}");
    }

    /// The child was marked already.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn already(self) {
        let view = self.view();
        assert_eq!(view.outcome, Outcome::Already, "{view:?}");
    }

    /// The code was refused for this reason, and names no event.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn refused(self, code: RefusalCode) {
        let view = self.view();
        assert_eq!((view.outcome, view.refusal), (Outcome::Refused, Some(code)), "{view:?}");
        assert_eq!(view.event, None, "a refused scan records nothing");
    }

    /// The command itself was not possible.
    ///
    /// # Panics
    /// If it was.
    #[track_caller]
    pub fn impossible(self, code: ErrorCode) {
        match self.0 {
            Ok(view) => panic!("the scan was possible: {view:?}"),
            Err(error) => assert_eq!(error.code, code, "{error:?}"),
        }
    }

    #[track_caller]
    fn view(self) -> ScanView {
        self.0.unwrap_or_else(|error| panic!("the scan was not possible: {error:?}"))
    }
}

impl Synced {
    /// The sync finished, and so many receipts were verified.
    ///
    /// # Panics
    /// If not, or if anything was put aside.
    #[track_caller]
    pub fn receipted(self, count: u64) -> SyncReport {
        let report = self.done();
        assert_eq!((report.receipted, report.parked), (count, 0), "{report:?}");
        report
    }

    /// The sync finished.
    ///
    /// # Panics
    /// If not.
    #[track_caller]
    pub fn done(self) -> SyncReport {
        self.0.unwrap_or_else(|error| panic!("the sync did not finish: {error:?}"))
    }

    /// What the server said does not hold.
    ///
    /// # Panics
    /// If it does.
    #[track_caller]
    pub fn unproven(self) -> String {
        match self.0 {
            Err(SyncError::Proof(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    /// The server showed an older log than before.
    ///
    /// # Panics
    /// If it did not.
    #[track_caller]
    pub fn older(self) {
        assert!(matches!(self.0, Err(SyncError::Older(_))), "{:?}", self.0);
    }

    /// The server was not reached, or its answer was lost.
    ///
    /// # Panics
    /// If it was.
    #[track_caller]
    pub fn offline(self) {
        assert!(matches!(self.0, Err(SyncError::Offline(_))), "{:?}", self.0);
    }
}
