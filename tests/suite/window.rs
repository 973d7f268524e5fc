//! The app's own window on an X server without a screen: it opens, and its page gets an answer from
//! the shell over IPC. Run by `cargo xtask e2e`.

use std::process::Stdio;
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::process::Command;

use crate::programs;

/// How often the driver is asked whether something is up.
const TRIES: usize = 100;
/// How long one answer may take. A script that was begun before the page was loaded gets none.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn window_opens_and_its_page_is_answered_over_ipc() {
    programs::require_e2e();
    let data = tempfile::tempdir().expect("temporary files");
    let port = programs::free_ports(1);
    let _driver = Command::new("WebKitWebDriver")
        .args(["--host=127.0.0.1", &format!("--port={port}")])
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("QATYSU_DATA", data.path().join("device"))
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("WebKitWebDriver is installed: `cargo xtask setup` brings it");
    let window = open(port).await;
    until(&window, "return window.__TAURI__ !== undefined && document.readyState === 'complete'")
        .await
        .expect("the page is loaded");

    // A device without a ticket says so: an answer of the shell, which has made its store.
    let status = invoke(&window, "status").await;
    assert_eq!(status["refused"]["code"], "not_enrolled", "{status}");
    assert!(data.path().join("device/device.db").is_file(), "the shell opened no store");

    // What is no command of ours is refused before it reaches the shell.
    let foreign = invoke(&window, "drop_everything").await;
    assert!(foreign["refused"].is_string(), "{foreign}");

    // The page is the real one, and has drawn itself.
    let drawn = "return document.querySelector('[data-testid=not-enrolled]') !== null";
    let seen = until(&window, drawn).await;
    keep_picture(&window).await;
    seen.expect("the page draws itself");
    window.close().await.expect("the window closes");
}

/// Keeps a picture of the window in `target/e2e`, for people; some X servers give none.
async fn keep_picture(window: &Client) {
    let shots = programs::target_dir().join("e2e");
    std::fs::create_dir_all(&shots).expect("pictures can be kept");
    match tokio::time::timeout(PATIENCE, window.screenshot()).await {
        Ok(picture) => std::fs::write(shots.join("window.png"), picture.expect("a picture"))
            .expect("pictures can be kept"),
        Err(_) => eprintln!("this X server gives no picture of the window"),
    }
}

async fn open(port: u16) -> Client {
    let app = programs::find("qatysu-app");
    let options = json!({ "binary": app, "args": [] });
    let capabilities = Map::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
    let mut last = None;
    for _ in 0..TRIES {
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        match client {
            Ok(client) => return client,
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the window did not open: {last:?}");
}

/// Asks the page again and again, until the answer is yes.
async fn until(window: &Client, question: &str) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..TRIES {
        match tokio::time::timeout(PATIENCE, window.execute(question, Vec::new())).await {
            Ok(Ok(Value::Bool(true))) => return Ok(()),
            Ok(answer) => last = format!("{answer:?}"),
            Err(_) => "no answer".clone_into(&mut last),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err(last)
}

async fn invoke(window: &Client, command: &str) -> Value {
    let script = "const [command, done] = arguments;
        window.__TAURI__.core.invoke(command)
            .then(answered => done({ answered }), refused => done({ refused }));";
    tokio::time::timeout(PATIENCE, window.execute_async(script, vec![json!(command)]))
        .await
        .expect("the shell answers")
        .expect("the page runs a script")
}
