//! Chromium behind its driver: what a person does on a page.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::PATIENCE;

/// A driver with its browsers; all of them end with this value.
pub(crate) struct Browser {
    host: String,
    film: PathBuf,
    profile: PathBuf,
    shots: PathBuf,
    opened: AtomicUsize,
    _driver: Child,
}

/// One browser window.
pub(crate) struct Page {
    client: Client,
    host: String,
    shots: PathBuf,
}

impl Browser {
    pub(crate) async fn start(film: &Path, scratch: &Path) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed: `cargo xtask setup` brings it");
        let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("text").expect("chromedriver says its port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let shots = crate::programs::target_dir().join("e2e");
        std::fs::create_dir_all(shots.join("pages")).expect("pictures can be kept");
        Self {
            host: format!("127.0.0.1:{port}"),
            film: film.to_owned(),
            profile: scratch.join("profile"),
            shots,
            opened: AtomicUsize::new(0),
            _driver: driver,
        }
    }

    pub(crate) async fn open(&self, url: &str) -> Page {
        let page = self.blank().await;
        page.goto(url).await;
        page
    }

    /// A window in which nothing is open yet.
    pub(crate) async fn blank(&self) -> Page {
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(self.capabilities())
            .connect(&format!("http://{}", self.host))
            .await
            .expect("Chromium starts");
        Page { client, host: self.host.clone(), shots: self.shots.clone() }
    }

    fn capabilities(&self) -> Map<String, Value> {
        let film = format!("--use-file-for-fake-video-capture={}", self.film.display());
        // One each: a second browser on the same profile would not start.
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let profile = self.profile.with_file_name(format!("profile-{number}"));
        let profile = format!("--user-data-dir={}", profile.display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            "--window-size=800,1100",
            "--lang=en",
            &film,
            &profile,
        ];
        let options = json!({ "args": arguments });
        Map::from_iter([("goog:chromeOptions".to_owned(), options)])
    }
}

impl Drop for Browser {
    /// Killed, the driver would leave its browsers running: it is told to end them first.
    fn drop(&mut self) {
        let told = TcpStream::connect(&self.host).and_then(|mut driver| {
            driver.set_read_timeout(Some(PATIENCE))?;
            let request = format!("GET /shutdown HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
            driver.write_all(request.as_bytes())?;
            driver.read_to_end(&mut Vec::new())
        });
        if let Err(error) = told {
            eprintln!("chromedriver was not told to end: {error}");
        }
    }
}

fn testid(name: &str) -> String {
    format!("[data-testid={name}]")
}

impl Page {
    pub(crate) async fn goto(&self, url: &str) {
        self.client.goto(url).await.expect("the page opens");
    }

    /// Runs a script in the page; its `return` is the answer.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Runs a script before anything of the next page does.
    pub(crate) async fn before_pages(&self, script: &str) {
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source).await;
    }

    /// Asks Chromium's own tools.
    pub(crate) async fn devtools(&self, command: &str, params: Value) {
        let id = self.client.session_id().await.expect("a session").expect("a session");
        let asked = system_tests::http_client()
            .post(format!("http://{}/session/{id}/goog/cdp/execute", self.host))
            .json(&json!({ "cmd": command, "params": params }))
            .send()
            .await;
        let status = asked.expect("chromedriver answers").status();
        assert!(status.is_success(), "{command}: {status}");
    }

    /// Types as a hand scanner does: into no field, and then Enter.
    pub(crate) async fn hand_scan(&self, text: &str) {
        let body = Locator::Css("body");
        let body = self.client.find(body).await.expect("a page has a body");
        body.send_keys(&format!("{text}\u{e007}")).await.expect("the page takes keys");
    }

    /// Waits until the element is there.
    pub(crate) async fn wait_for(&self, name: &str) {
        self.wait_for_css(&testid(name)).await;
    }

    pub(crate) async fn wait_for_css(&self, css: &str) {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        if let Err(error) = found {
            self.fail(&format!("no {css}: {error}")).await;
        }
    }

    /// Says whether the element is there now.
    pub(crate) async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// Waits until an element's attribute has a value.
    pub(crate) async fn wait_until(&self, name: &str, attribute: &str, value: &str) {
        let css = format!("[data-testid={name}][{attribute}='{value}']");
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css)).await;
        if found.is_err() {
            let now = match self.client.find(Locator::Css(&testid(name))).await {
                Ok(element) => format!("{:?}", element.attr(attribute).await),
                Err(error) => error.to_string(),
            };
            self.fail(&format!("{name} has {attribute} {now}, not {value}")).await;
        }
    }

    pub(crate) async fn click(&self, name: &str) {
        self.wait_for(name).await;
        self.click_css(&testid(name)).await;
    }

    pub(crate) async fn click_css(&self, css: &str) {
        let element = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        let clicked = match element {
            Ok(element) => element.click().await,
            Err(error) => Err(error),
        };
        if let Err(error) = clicked {
            self.fail(&format!("{css} cannot be clicked: {error}")).await;
        }
    }

    /// Clicks if the element is there; says whether it was.
    pub(crate) async fn try_click(&self, name: &str) -> bool {
        match self.client.find(Locator::Css(&testid(name))).await {
            Ok(element) => {
                // The page may have redrawn the row meanwhile; the caller asks again.
                drop(element.click().await);
                true
            }
            Err(_) => false,
        }
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element.send_keys(text).await.expect("the field takes text"),
            Err(error) => self.fail(&format!("{css}: {error}")).await,
        }
    }

    pub(crate) async fn type_code(&self, text: &str) {
        self.fill(&testid("typed-input"), text).await;
        self.click("typed-submit").await;
    }

    pub(crate) async fn choose_file(&self, name: &str, file: &str) {
        self.fill(&testid(name), file).await;
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.expect("the page reloads");
    }

    /// Keeps a picture of the page in `target/e2e`, for people.
    pub(crate) async fn shot(&self, name: &str) {
        let picture = self.client.screenshot().await.expect("the page can be drawn");
        let path = self.shots.join(format!("{name}.png"));
        std::fs::write(path, picture).expect("pictures can be kept");
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        self.client.close().await.expect("the window closes");
    }

    /// Where the driver listens.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    async fn fail(&self, what: &str) -> ! {
        self.shot("failed").await;
        let source = self.client.source().await.unwrap_or_default();
        std::fs::write(self.shots.join("failed.html"), source).expect("pages can be kept");
        panic!("{what}; see {}", self.shots.join("failed.png").display());
    }
}
