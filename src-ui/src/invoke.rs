//! Asks the shell. The only file that knows that Tauri exists; one function per command.
//!
//! Inside Tauri a command goes through its IPC; anywhere else it is a `POST` to `/api/{command}`
//! of the server that served this page.

use std::{marker::PhantomData, pin::Pin};

use ipc::{
    AbsenceOutcome, AbsenceReason, AlarmView, Answer, BoardView, CarryFileView, CarryImportView,
    ChoicesView, CodeView, CollectView, CollectedView, CompletenessView, DaysView, DelegateView,
    DocumentKeptView, DocumentView, ErrorCode, ErrorView, ExportView, Finding, FramesView,
    InsideView, LessonChange, LessonView, PlaceAnswer, PlaceView, ProofView, Reason, Request,
    RevokeReason, Role, RosterView, ScanSource, ScanView, SeenByView, SheetView, StatusView,
    SyncView, TicketView, TodayView, VisitView, Withdrawal,
};
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::json;

/// Who this device is and what waits to be sent.
pub(crate) fn status() -> Question<StatusView> {
    Question::of(Request::Status {})
}

/// Enrols this device with a ticket.
pub(crate) fn enrol(ticket: String) -> Question<StatusView> {
    Question::of(Request::Enrol { ticket })
}

/// The lessons of a day, so many days after today.
pub(crate) fn today(ahead: u32) -> Question<TodayView> {
    Question::of(Request::Today { ahead })
}

/// Opens a lesson.
pub(crate) fn open_lesson(lesson: String) -> Question<LessonView> {
    Question::of(Request::OpenLesson { lesson })
}

/// Ends a lesson.
pub(crate) fn close_lesson(lesson: String) -> Question<LessonView> {
    Question::of(Request::CloseLesson { lesson })
}

/// Who belongs to a lesson and who came.
pub(crate) fn roster(lesson: String) -> Question<RosterView> {
    Question::of(Request::Roster { lesson })
}

/// Who came on the last days: of a lesson's group, or of all groups.
pub(crate) fn days(lesson: Option<String>) -> Question<DaysView> {
    Question::of(Request::Days { lesson })
}

/// Records what a scanner read, or what was typed.
pub(crate) fn record_scan(lesson: String, text: String, source: ScanSource) -> Question<ScanView> {
    Question::of(Request::RecordScan { lesson, text, source })
}

/// Records a mark by hand.
pub(crate) fn record_manual(lesson: String, child: String, reason: Reason) -> Question<ScanView> {
    Question::of(Request::RecordManual { lesson, child, reason })
}

/// Takes a mark of this device back.
pub(crate) fn withdraw(event: String, why: Option<Withdrawal>) -> Question<()> {
    Question::of(Request::Withdraw { event, why })
}

/// Corrects whose mark it is.
pub(crate) fn correct_child(event: String, child: String) -> Question<()> {
    Question::of(Request::CorrectChild { event, child })
}

/// Records that a child is absent, or says more of it.
pub(crate) fn record_absence(
    lesson: String,
    child: String,
    reason: AbsenceReason,
    number: Option<String>,
    document: Option<String>,
) -> Question<AbsenceOutcome> {
    Question::of(Request::RecordAbsence { lesson, child, reason, number, document })
}

/// Keeps the file of a document on this device.
pub(crate) fn keep_document(base64: String) -> Question<DocumentKeptView> {
    Question::of(Request::KeepDocument { base64 })
}

/// Shows a file that was kept.
pub(crate) fn document(document: String) -> Question<DocumentView> {
    Question::of(Request::Document { document })
}

/// Says that a lesson is not held, or at another time.
pub(crate) fn change_lesson(lesson: String, change: LessonChange) -> Question<LessonView> {
    Question::of(Request::ChangeLesson { lesson, change })
}

/// Records a count of heads.
pub(crate) fn record_headcount(lesson: String, count: u16) -> Question<LessonView> {
    Question::of(Request::RecordHeadcount { lesson, count })
}

/// Records by hand that a child left.
pub(crate) fn record_leaving(lesson: String, child: String, reason: Reason) -> Question<()> {
    Question::of(Request::RecordLeaving { lesson, child, reason })
}

/// Who is in the building now.
pub(crate) fn inside() -> Question<Vec<InsideView>> {
    Question::of(Request::Inside {})
}

/// A parent is not sure about a visit.
pub(crate) fn not_sure(visit: String) -> Question<VisitView> {
    Question::of(Request::NotSure { visit })
}

/// The codes of the own children for this moment.
pub(crate) fn codes() -> Question<Vec<CodeView>> {
    Question::of(Request::Codes {})
}

/// Who brings own children beside the parents.
pub(crate) fn delegates() -> Question<Vec<DelegateView>> {
    Question::of(Request::Delegates {})
}

/// Makes a ticket for somebody who is to bring own children.
pub(crate) fn name_delegate(name: String, children: Vec<String>) -> Question<TicketView> {
    Question::of(Request::NameDelegate { name, children })
}

/// Ends that somebody brings own children.
pub(crate) fn end_delegate(device: String) -> Question<Vec<DelegateView>> {
    Question::of(Request::EndDelegate { device })
}

/// What is offered to the own children.
pub(crate) fn places() -> Question<Vec<PlaceView>> {
    Question::of(Request::Places {})
}

/// A family's answer to an offered place.
pub(crate) fn answer_place(voucher: String, answer: PlaceAnswer) -> Question<Vec<PlaceView>> {
    Question::of(Request::AnswerPlace { voucher, answer })
}

/// The months of the own children, newest first.
pub(crate) fn sheets() -> Question<Vec<SheetView>> {
    Question::of(Request::Sheets {})
}

/// Signs a child's month.
pub(crate) fn sign_month(child: String, month: String) -> Question<()> {
    Question::of(Request::SignMonth { child, month })
}

/// The visits that this device knows, newest first.
pub(crate) fn visits() -> Question<Vec<VisitView>> {
    Question::of(Request::Visits {})
}

/// A parent's answer about a visit.
pub(crate) fn answer_visit(visit: String, answer: Answer) -> Question<VisitView> {
    Question::of(Request::AnswerVisit { visit, answer })
}

/// Of each own child: is anything hidden?
pub(crate) fn completeness() -> Question<Vec<CompletenessView>> {
    Question::of(Request::Completeness {})
}

/// Who looked at the own children, newest first.
pub(crate) fn seen_by() -> Question<Vec<SeenByView>> {
    Question::of(Request::SeenBy {})
}

/// The proof of an event.
pub(crate) fn proof(event: String) -> Question<ProofView> {
    Question::of(Request::Proof { event })
}

/// Every alarm ever raised, newest first.
pub(crate) fn alarms() -> Question<Vec<AlarmView>> {
    Question::of(Request::Alarms {})
}

/// Everything this device knows of the log, as a file.
pub(crate) fn export() -> Question<ExportView> {
    Question::of(Request::Export {})
}

/// Frames of a parcel with what waits, from a number on.
pub(crate) fn parcel_frames(from: u32, count: u32) -> Question<FramesView> {
    Question::of(Request::ParcelFrames { from, count })
}

/// A frame from another screen.
pub(crate) fn collect_frame(text: String) -> Question<CollectedView> {
    Question::of(Request::CollectFrame { text })
}

/// Sends and fetches now.
pub(crate) fn sync() -> Question<SyncView> {
    Question::of(Request::Sync {})
}

/// What this device carries for others, and its hub.
pub(crate) fn collect() -> Question<CollectView> {
    Question::of(Request::Collect {})
}

/// Switches the hub of this device.
pub(crate) fn hub_switch(on: bool) -> Question<CollectView> {
    Question::of(Request::HubSwitch { on })
}

/// Reads the code of a hub, and brings it what waits.
pub(crate) fn hub_learn(text: String) -> Question<SyncView> {
    Question::of(Request::HubLearn { text })
}

/// A file for somebody to carry: what this device recorded, or also what it carries.
pub(crate) fn carry_export(own: bool) -> Question<CarryFileView> {
    Question::of(Request::CarryExport { own })
}

/// Takes a file that somebody carried.
pub(crate) fn carry_import(text: String) -> Question<CarryImportView> {
    Question::of(Request::CarryImport { text })
}

/// The page is looked at again, or (`online`) the network is back: a sync that stopped goes on.
pub(crate) fn resume(online: bool) -> Question<()> {
    Question::of(Request::Resume { online })
}

/// The coordinator's months and devices.
pub(crate) fn board() -> Question<BoardView> {
    Question::of(Request::Board {})
}

/// Whom a device may be made for.
pub(crate) fn choices() -> Question<ChoicesView> {
    Question::of(Request::Choices {})
}

/// What a new device will be.
pub(crate) struct NewTicket {
    /// Whose device.
    pub(crate) role: Role,
    /// Its name.
    pub(crate) name: String,
    /// The provider's id.
    pub(crate) provider: Option<String>,
    /// The groups' ids.
    pub(crate) groups: Vec<String>,
    /// The children's ids.
    pub(crate) children: Vec<String>,
    /// The id of the device whose place it takes.
    pub(crate) replaces: Option<String>,
}

/// Makes a one-time ticket.
pub(crate) fn make_ticket(new: NewTicket) -> Question<TicketView> {
    let NewTicket { role, name, provider, groups, children, replaces } = new;
    Question::of(Request::MakeTicket { role, name, provider, groups, children, replaces })
}

/// Revokes a device.
pub(crate) fn revoke_device(device: String, reason: RevokeReason) -> Question<BoardView> {
    Question::of(Request::RevokeDevice { device, reason })
}

/// Lets events into the log that were put aside.
pub(crate) fn release_events(device: String, last: String) -> Question<BoardView> {
    Question::of(Request::ReleaseEvents { device, last })
}

/// Decides about a visit that waits for the district's word.
pub(crate) fn decide_visit(
    visit: String,
    was: bool,
    finding: Finding,
    document: String,
) -> Question<BoardView> {
    Question::of(Request::DecideVisit { visit, was, finding, document })
}

/// Gives a teacher's device other groups.
pub(crate) fn change_grants(
    device: String,
    name: String,
    groups: Vec<String>,
) -> Question<BoardView> {
    Question::of(Request::ChangeGrants { device, name, groups })
}

/// Closes a month.
pub(crate) fn close_month(month: String) -> Question<BoardView> {
    Question::of(Request::CloseMonth { month })
}

/// Enters the Treasury's payment notice.
pub(crate) fn record_payment(
    month: String,
    provider: String,
    amount_tiyn: i64,
    document: String,
) -> Question<BoardView> {
    Question::of(Request::RecordPayment { month, provider, amount_tiyn, document })
}

/// The Treasury registry of a closed month, as `csv` or `json`.
pub(crate) fn registry(month: String, format: &'static str) -> Question<String> {
    Question::of(Request::Registry { month, format: format.to_owned() })
}

/// True where the platform's own scanner can be asked: in the app on Android and iOS.
pub(crate) fn has_native_scanner() -> bool {
    let agent = window().navigator().user_agent().unwrap_or_default();
    tauri().is_some() && ["Android", "iPhone", "iPad"].iter().any(|name| agent.contains(name))
}

/// What the platform's scanner gave instead of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NativeScanFault {
    /// The camera is not allowed.
    Denied,
    /// The module that reads codes has not come to this phone yet (tauri#9397).
    NoModel,
    /// It was closed, or it did not work.
    Stopped,
}

/// Asks the platform's scanner for one QR Code.
pub(crate) async fn native_scan() -> Result<String, NativeScanFault> {
    let core = tauri().ok_or(NativeScanFault::Stopped)?;
    let allowed = call(&core, "plugin:barcode-scanner|request_permissions", "{}").await;
    if text_at(allowed.ok(), "camera").is_some_and(|state| state != "granted") {
        return Err(NativeScanFault::Denied);
    }
    let args = r#"{"windowed":false,"formats":["QR_CODE"]}"#;
    match call(&core, "plugin:barcode-scanner|scan", args).await {
        Ok(scanned) => text_at(Some(scanned), "content").ok_or(NativeScanFault::Stopped),
        Err(why) if says_no_model(&why) => Err(NativeScanFault::NoModel),
        Err(_) => Err(NativeScanFault::Stopped),
    }
}

/// Google's scanner has no code for it, only words: "Waiting for the Barcode module to be downloaded."
fn says_no_model(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    ["module", "model", "play services"].iter().any(|word| why.contains(word))
}

/// Reads a text file that lies beside the page.
///
/// It is asked for when this is called, not only when the answer is waited for.
pub(crate) fn fetch_text(path: &str) -> impl Future<Output = Option<String>> + use<> {
    let response = window().fetch_with_str(path);
    async move {
        let response = JsFuture::from(response).await.ok()?;
        let response: web_sys::Response = response.unchecked_into();
        let text = response.ok().then(|| response.text().ok())??;
        JsFuture::from(text).await.ok()?.as_string()
    }
}

/// A command, and the type of its answer.
pub(crate) struct Question<T> {
    request: Request,
    answer: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Question<T> {
    fn of(request: Request) -> Self {
        Self { request, answer: PhantomData }
    }

    /// Asks, and gives the answer as it came: [`decode`] reads it.
    pub(crate) fn send(self) -> Answering {
        Box::pin(answer_of(self.request))
    }
}

/// An answer on its way, as JSON. One future for all commands: what depends on an answer's type is in
/// [`decode`] alone, so that the page stays small.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Result<String, ErrorView>>>>;

impl<T: DeserializeOwned + 'static> IntoFuture for Question<T> {
    type Output = Result<T, ErrorView>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output>>>;

    fn into_future(self) -> Self::IntoFuture {
        let answer = self.send();
        Box::pin(async move { decode(&answer.await?) })
    }
}

/// Reads an answer.
pub(crate) fn decode<T: DeserializeOwned>(answer: &str) -> Result<T, ErrorView> {
    json::read(answer).map_err(unexpected)
}

fn unexpected(fault: json::Fault) -> ErrorView {
    broken(&format!("unexpected answer: {fault}"))
}

async fn answer_of(request: Request) -> Result<String, ErrorView> {
    let written = json::write(&request).unwrap_or_default();
    let (command, args) = parts(&written).ok_or_else(|| broken("a command without a name"))?;
    match tauri() {
        Some(core) => call(&core, command, args).await.map_err(|fault| fault_of(&fault)),
        None => post(command, args).await,
    }
}

/// Takes a written command apart: its name, and its arguments as JSON.
fn parts(written: &str) -> Option<(&str, &str)> {
    let named = written.strip_prefix("{\"command\":\"")?;
    named.strip_suffix('}')?.split_once("\",\"args\":")
}

/// Calls Tauri and gives the answer, or what was thrown, as JSON text.
async fn call(core: &TauriCore, command: &str, args: &str) -> Result<String, String> {
    let args = js_sys::JSON::parse(args).map_err(|fault| text_of(&fault))?;
    let promise = core.invoke(command, &args).map_err(|fault| text_of(&fault))?;
    JsFuture::from(promise).await.map(|answer| text_of(&answer)).map_err(|fault| text_of(&fault))
}

async fn post(command: &str, args: &str) -> Result<String, ErrorView> {
    let unreachable = |_| broken("the local part of the app does not answer");
    let options = web_sys::RequestInit::new();
    options.set_method("POST");
    options.set_body(&JsValue::from_str(args));
    let request = web_sys::Request::new_with_str_and_init(&format!("/api/{command}"), &options)
        .map_err(unreachable)?;
    request.headers().set("content-type", "application/json").map_err(unreachable)?;
    let response = JsFuture::from(window().fetch_with_request(&request)).await;
    let response: web_sys::Response = response.map_err(unreachable)?.unchecked_into();
    let body = JsFuture::from(response.text().map_err(unreachable)?).await.map_err(unreachable)?;
    let body = body.as_string().unwrap_or_default();
    if response.ok() { Ok(body) } else { Err(fault_of(&body)) }
}

fn fault_of(json: &str) -> ErrorView {
    json::read(json).unwrap_or_else(|_| broken(json))
}

fn broken(message: &str) -> ErrorView {
    ErrorView { code: ErrorCode::Broken, message: message.to_owned() }
}

fn text_of(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn text_at(json: Option<String>, field: &str) -> Option<String> {
    json::parse(&json?).ok()?.get(field)?.text().map(str::to_owned)
}

/// Finds `window.__TAURI__.core`, which is there only inside the app.
fn tauri() -> Option<TauriCore> {
    let global = js_sys::Reflect::get(&window(), &"__TAURI__".into()).ok()?;
    let core = js_sys::Reflect::get(&global, &"core".into()).ok()?;
    core.is_object().then(|| core.unchecked_into())
}

#[wasm_bindgen]
extern "C" {
    type TauriCore;

    #[wasm_bindgen(method, catch)]
    fn invoke(this: &TauriCore, command: &str, args: &JsValue) -> Result<js_sys::Promise, JsValue>;
}

#[cfg(test)]
mod tests {
    use ipc::Request;

    use super::{json, parts, says_no_model};

    #[test]
    fn command_is_taken_apart_whatever_is_in_its_arguments() {
        let text = "\",\"args\":{}}".to_owned();
        for request in [
            Request::Status {},
            Request::Enrol { ticket: text.clone() },
            Request::Days { lesson: Some(text) },
        ] {
            let (written, whole) =
                (json::write(&request).unwrap(), serde_json::to_value(&request).unwrap());
            let (command, args) = parts(&written).unwrap();
            assert_eq!(whole["command"], command);
            assert_eq!(whole["args"], serde_json::from_str::<serde_json::Value>(args).unwrap());
        }
    }

    #[test]
    fn scanner_without_its_module_is_told_from_one_that_was_closed() {
        let waiting = "Waiting for the Barcode module to be downloaded. Please wait.";
        assert!(says_no_model(waiting) && says_no_model("Barcode model is unavailable"));
        assert!(!says_no_model("cancelled") && !says_no_model("camera closed"));
    }
}
