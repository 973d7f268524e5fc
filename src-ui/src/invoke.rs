//! Asks the shell. The only file that knows that Tauri exists; one function per command.
//!
//! Inside Tauri a command goes through its IPC; anywhere else it is a `POST` to `/api/{command}`
//! of the server that served this page.

use std::pin::Pin;

use ipc::{
    AbsenceOutcome, AbsenceReason, AlarmView, Answer, BoardView, CarryFileView, CarryImportView,
    ChoicesView, CodeView, CollectView, CollectedView, CompletenessView, DaysView, DelegateView,
    DocumentKeptView, DocumentView, ErrorCode, ErrorView, ExportView, Finding, FramesView,
    InsideView, LessonChange, LessonView, ProofView, Reason, Request, RevokeReason, Role,
    RosterView, ScanSource, ScanView, SeenByView, SheetView, StatusView, SyncView, TicketView,
    TodayView, VisitView, Withdrawal,
};
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

/// Who this device is and what waits to be sent.
pub(crate) async fn status() -> Result<StatusView, ErrorView> {
    ask(Request::Status {}).await
}

/// Enrols this device with a ticket.
pub(crate) async fn enrol(ticket: String) -> Result<StatusView, ErrorView> {
    ask(Request::Enrol { ticket }).await
}

/// The lessons of a day, so many days after today.
pub(crate) async fn today(ahead: u32) -> Result<TodayView, ErrorView> {
    ask(Request::Today { ahead }).await
}

/// Opens a lesson.
pub(crate) async fn open_lesson(lesson: String) -> Result<LessonView, ErrorView> {
    ask(Request::OpenLesson { lesson }).await
}

/// Ends a lesson.
pub(crate) async fn close_lesson(lesson: String) -> Result<LessonView, ErrorView> {
    ask(Request::CloseLesson { lesson }).await
}

/// Who belongs to a lesson and who came.
pub(crate) async fn roster(lesson: String) -> Result<RosterView, ErrorView> {
    ask(Request::Roster { lesson }).await
}

/// Who came on the last days: of a lesson's group, or of all groups.
pub(crate) async fn days(lesson: Option<String>) -> Result<DaysView, ErrorView> {
    ask(Request::Days { lesson }).await
}

/// Records what a scanner read, or what was typed.
pub(crate) async fn record_scan(
    lesson: String,
    text: String,
    source: ScanSource,
) -> Result<ScanView, ErrorView> {
    ask(Request::RecordScan { lesson, text, source }).await
}

/// Records a mark by hand.
pub(crate) async fn record_manual(
    lesson: String,
    child: String,
    reason: Reason,
) -> Result<ScanView, ErrorView> {
    ask(Request::RecordManual { lesson, child, reason }).await
}

/// Takes a mark of this device back.
pub(crate) async fn withdraw(event: String, why: Option<Withdrawal>) -> Result<(), ErrorView> {
    ask(Request::Withdraw { event, why }).await
}

/// Corrects whose mark it is.
pub(crate) async fn correct_child(event: String, child: String) -> Result<(), ErrorView> {
    ask(Request::CorrectChild { event, child }).await
}

/// Records that a child is absent, or says more of it.
pub(crate) async fn record_absence(
    lesson: String,
    child: String,
    reason: AbsenceReason,
    number: Option<String>,
    document: Option<String>,
) -> Result<AbsenceOutcome, ErrorView> {
    ask(Request::RecordAbsence { lesson, child, reason, number, document }).await
}

/// Keeps the file of a document on this device.
pub(crate) async fn keep_document(base64: String) -> Result<DocumentKeptView, ErrorView> {
    ask(Request::KeepDocument { base64 }).await
}

/// Shows a file that was kept.
pub(crate) async fn document(document: String) -> Result<DocumentView, ErrorView> {
    ask(Request::Document { document }).await
}

/// Says that a lesson is not held, or at another time.
pub(crate) async fn change_lesson(
    lesson: String,
    change: LessonChange,
) -> Result<LessonView, ErrorView> {
    ask(Request::ChangeLesson { lesson, change }).await
}

/// Records a count of heads.
pub(crate) async fn record_headcount(lesson: String, count: u16) -> Result<LessonView, ErrorView> {
    ask(Request::RecordHeadcount { lesson, count }).await
}

/// Records by hand that a child left.
pub(crate) async fn record_leaving(
    lesson: String,
    child: String,
    reason: Reason,
) -> Result<(), ErrorView> {
    ask(Request::RecordLeaving { lesson, child, reason }).await
}

/// Who is in the building now.
pub(crate) async fn inside() -> Result<Vec<InsideView>, ErrorView> {
    ask(Request::Inside {}).await
}

/// A parent is not sure about a visit.
pub(crate) async fn not_sure(visit: String) -> Result<VisitView, ErrorView> {
    ask(Request::NotSure { visit }).await
}

/// The codes of the own children for this moment.
pub(crate) async fn codes() -> Result<Vec<CodeView>, ErrorView> {
    ask(Request::Codes {}).await
}

/// Who brings own children beside the parents.
pub(crate) async fn delegates() -> Result<Vec<DelegateView>, ErrorView> {
    ask(Request::Delegates {}).await
}

/// Makes a ticket for somebody who is to bring own children.
pub(crate) async fn name_delegate(
    name: String,
    children: Vec<String>,
) -> Result<TicketView, ErrorView> {
    ask(Request::NameDelegate { name, children }).await
}

/// Ends that somebody brings own children.
pub(crate) async fn end_delegate(device: String) -> Result<Vec<DelegateView>, ErrorView> {
    ask(Request::EndDelegate { device }).await
}

/// The months of the own children, newest first.
pub(crate) async fn sheets() -> Result<Vec<SheetView>, ErrorView> {
    ask(Request::Sheets {}).await
}

/// Signs a child's month.
pub(crate) async fn sign_month(child: String, month: String) -> Result<(), ErrorView> {
    ask(Request::SignMonth { child, month }).await
}

/// The visits that this device knows, newest first.
pub(crate) async fn visits() -> Result<Vec<VisitView>, ErrorView> {
    ask(Request::Visits {}).await
}

/// A parent's answer about a visit.
pub(crate) async fn answer_visit(visit: String, answer: Answer) -> Result<VisitView, ErrorView> {
    ask(Request::AnswerVisit { visit, answer }).await
}

/// Of each own child: is anything hidden?
pub(crate) async fn completeness() -> Result<Vec<CompletenessView>, ErrorView> {
    ask(Request::Completeness {}).await
}

/// Who looked at the own children, newest first.
pub(crate) async fn seen_by() -> Result<Vec<SeenByView>, ErrorView> {
    ask(Request::SeenBy {}).await
}

/// The proof of an event.
pub(crate) async fn proof(event: String) -> Result<ProofView, ErrorView> {
    ask(Request::Proof { event }).await
}

/// Every alarm ever raised, newest first.
pub(crate) async fn alarms() -> Result<Vec<AlarmView>, ErrorView> {
    ask(Request::Alarms {}).await
}

/// Everything this device knows of the log, as a file.
pub(crate) async fn export() -> Result<ExportView, ErrorView> {
    ask(Request::Export {}).await
}

/// Frames of a parcel with what waits, from a number on.
pub(crate) async fn parcel_frames(from: u32, count: u32) -> Result<FramesView, ErrorView> {
    ask(Request::ParcelFrames { from, count }).await
}

/// A frame from another screen.
pub(crate) async fn collect_frame(text: String) -> Result<CollectedView, ErrorView> {
    ask(Request::CollectFrame { text }).await
}

/// Sends and fetches now.
pub(crate) async fn sync() -> Result<SyncView, ErrorView> {
    ask(Request::Sync {}).await
}

/// What this device carries for others, and its hub.
pub(crate) async fn collect() -> Result<CollectView, ErrorView> {
    ask(Request::Collect {}).await
}

/// Switches the hub of this device.
pub(crate) async fn hub_switch(on: bool) -> Result<CollectView, ErrorView> {
    ask(Request::HubSwitch { on }).await
}

/// Reads the code of a hub, and brings it what waits.
pub(crate) async fn hub_learn(text: String) -> Result<SyncView, ErrorView> {
    ask(Request::HubLearn { text }).await
}

/// A file for somebody to carry: what this device recorded, or also what it carries.
pub(crate) async fn carry_export(own: bool) -> Result<CarryFileView, ErrorView> {
    ask(Request::CarryExport { own }).await
}

/// Takes a file that somebody carried.
pub(crate) async fn carry_import(text: String) -> Result<CarryImportView, ErrorView> {
    ask(Request::CarryImport { text }).await
}

/// The page is looked at again, or (`online`) the network is back: a sync that stopped goes on.
pub(crate) async fn resume(online: bool) -> Result<(), ErrorView> {
    ask(Request::Resume { online }).await
}

/// The coordinator's months and devices.
pub(crate) async fn board() -> Result<BoardView, ErrorView> {
    ask(Request::Board {}).await
}

/// Whom a device may be made for.
pub(crate) async fn choices() -> Result<ChoicesView, ErrorView> {
    ask(Request::Choices {}).await
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
pub(crate) async fn make_ticket(new: NewTicket) -> Result<TicketView, ErrorView> {
    let NewTicket { role, name, provider, groups, children, replaces } = new;
    ask(Request::MakeTicket { role, name, provider, groups, children, replaces }).await
}

/// Revokes a device.
pub(crate) async fn revoke_device(
    device: String,
    reason: RevokeReason,
) -> Result<BoardView, ErrorView> {
    ask(Request::RevokeDevice { device, reason }).await
}

/// Lets events into the log that were put aside.
pub(crate) async fn release_events(device: String, last: String) -> Result<BoardView, ErrorView> {
    ask(Request::ReleaseEvents { device, last }).await
}

/// Decides about a visit that waits for the district's word.
pub(crate) async fn decide_visit(
    visit: String,
    was: bool,
    finding: Finding,
    document: String,
) -> Result<BoardView, ErrorView> {
    ask(Request::DecideVisit { visit, was, finding, document }).await
}

/// Gives a teacher's device other groups.
pub(crate) async fn change_grants(
    device: String,
    name: String,
    groups: Vec<String>,
) -> Result<BoardView, ErrorView> {
    ask(Request::ChangeGrants { device, name, groups }).await
}

/// Closes a month.
pub(crate) async fn close_month(month: String) -> Result<BoardView, ErrorView> {
    ask(Request::CloseMonth { month }).await
}

/// Enters the Treasury's payment notice.
pub(crate) async fn record_payment(
    month: String,
    provider: String,
    amount_tiyn: i64,
    document: String,
) -> Result<BoardView, ErrorView> {
    ask(Request::RecordPayment { month, provider, amount_tiyn, document }).await
}

/// The Treasury registry of a closed month, as `csv` or `json`.
pub(crate) async fn registry(month: String, format: &'static str) -> Result<String, ErrorView> {
    ask(Request::Registry { month, format: format.to_owned() }).await
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
pub(crate) async fn fetch_text(path: &str) -> Option<String> {
    let response = JsFuture::from(window().fetch_with_str(path)).await.ok()?;
    let response: web_sys::Response = response.unchecked_into();
    let text = response.ok().then(|| response.text().ok())??;
    JsFuture::from(text).await.ok()?.as_string()
}

async fn ask<T: DeserializeOwned>(request: Request) -> Result<T, ErrorView> {
    let answer = answer(request).await?;
    serde_json::from_str(&answer).map_err(|e| broken(&format!("unexpected answer: {e}")))
}

/// Asks, and gives the answer as JSON. One future for all commands: what depends on the answer's type is
/// in [`ask`] alone, so that the page stays small.
fn answer(request: Request) -> Pin<Box<dyn Future<Output = Result<String, ErrorView>>>> {
    Box::pin(answer_of(request))
}

async fn answer_of(request: Request) -> Result<String, ErrorView> {
    let request = serde_json::to_value(&request).map_err(|e| broken(&e.to_string()))?;
    let command = request.get("command").and_then(|name| name.as_str()).unwrap_or_default();
    let args = request.get("args").map_or_else(|| "{}".to_owned(), ToString::to_string);
    match tauri() {
        Some(core) => call(&core, command, &args).await.map_err(|fault| fault_of(&fault)),
        None => post(command, &args).await,
    }
}

/// Calls Tauri and gives the answer, or what was thrown, as JSON text.
async fn call(core: &TauriCore, command: &str, args: &str) -> Result<String, String> {
    let args = js_sys::JSON::parse(args).map_err(|fault| json(&fault))?;
    let promise = core.invoke(command, &args).map_err(|fault| json(&fault))?;
    JsFuture::from(promise).await.map(|answer| json(&answer)).map_err(|fault| json(&fault))
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
    serde_json::from_str(json).unwrap_or_else(|_| broken(json))
}

fn broken(message: &str) -> ErrorView {
    ErrorView { code: ErrorCode::Broken, message: message.to_owned() }
}

fn json(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn text_at(json: Option<String>, field: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(&json?).ok()?;
    value.get(field)?.as_str().map(str::to_owned)
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
    use super::says_no_model;

    #[test]
    fn scanner_without_its_module_is_told_from_one_that_was_closed() {
        let waiting = "Waiting for the Barcode module to be downloaded. Please wait.";
        assert!(says_no_model(waiting) && says_no_model("Barcode model is unavailable"));
        assert!(!says_no_model("cancelled") && !says_no_model("camera closed"));
    }
}
