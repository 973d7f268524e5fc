//! The shell behind Tauri's mock runtime: the real capabilities, the real store, no web view.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager, WebviewWindow, WebviewWindowBuilder};

use crate::{commands, context, stopped};

#[test]
fn capability_names_every_command_once_and_nothing_else_of_ours() {
    let file: Value = serde_json::from_str(include_str!("../../capabilities/default.json"))
        .expect("the capability file is JSON");
    let listed: Vec<&str> =
        file["permissions"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let ours: BTreeSet<String> =
        ipc::COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
    let named: BTreeSet<String> =
        listed.iter().filter(|name| name.starts_with("allow-")).map(|&n| n.to_owned()).collect();
    assert_eq!(named, ours);
    assert_eq!(listed.len(), ours.len() + 1, "beside our commands there is core:default alone");
}

#[test]
fn command_reaches_the_shell() {
    let app = app_with_store();
    let today = call(&window(&app, "main"), "today", json!({})).expect("today's lessons");
    assert_eq!(today["lessons"], json!([]));
}

#[test]
fn error_reaches_the_page_with_its_code() {
    let app = app_with_store();
    let error = call(&window(&app, "main"), "status", json!({})).expect_err("no ticket was given");
    assert_eq!(error["code"], "not_enrolled");
}

#[test]
fn shell_refuses_arguments_of_another_form() {
    let app = app_with_store();
    let error = call(&window(&app, "main"), "open_lesson", json!({ "lesson": 7 }))
        .expect_err("a lesson is text");
    assert_eq!(error["code"], "bad_request");
}

#[test]
fn refuses_a_command_that_is_not_ours() {
    let app = app_with_store();
    let error = call(&window(&app, "main"), "drop_everything", json!({})).expect_err("unknown");
    assert!(error.as_str().is_some_and(|said| said.contains("not allowed")), "{error}");
}

#[test]
fn refuses_every_command_from_a_window_without_capability() {
    let app = app_with_store();
    let other = window(&app, "stopped");
    for command in ipc::COMMANDS {
        let error = call(&other, command, json!({})).expect_err("no capability");
        assert!(error.as_str().is_some_and(|said| said.contains("not allowed")), "{error}");
    }
}

/// The app and the folder that its store lives in.
struct OpenApp {
    app: App<MockRuntime>,
    _data: tempfile::TempDir,
}

fn app_with_store() -> OpenApp {
    let data = tempfile::tempdir().expect("a temporary folder");
    let app = mock_builder()
        .invoke_handler(commands::dispatch)
        .register_uri_scheme_protocol(stopped::SCHEME, |context, _| {
            stopped::answer(context.app_handle())
        })
        .build(context())
        .expect("the mock app builds");
    app.manage(crate::open_shell(data.path().to_owned(), None).expect("the store opens"));
    OpenApp { app, _data: data }
}

fn window(app: &OpenApp, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(&app.app, label, Default::default()).build().expect("a mock window")
}

fn call(window: &WebviewWindow<MockRuntime>, command: &str, args: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().expect("an address"),
        body: InvokeBody::Json(args),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().expect("JSON"))
}
