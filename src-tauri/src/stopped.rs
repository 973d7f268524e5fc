//! What is shown when the device store cannot be opened: newer than the program, or in use.
//!
//! The page is built in and needs neither the UI nor the store. Its window is in no capability,
//! so it can call nothing.

use std::borrow::Cow;

use shell_core::ShellError;
use tauri::http::{Response, header};
use tauri::{AppHandle, Manager, Runtime, Url, WebviewUrl, WebviewWindowBuilder};

/// The address scheme of the page.
pub(crate) const SCHEME: &str = "stopped";

const PAGE: &str = include_str!("stopped.html");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Why the program does not go on. Its presence in the app's state makes the exit code 1.
pub(crate) struct Stopped(String);

impl Stopped {
    /// Keeps the sentence of an error; it names the file and what is wrong with it.
    pub(crate) fn because(error: &ShellError) -> Self {
        Self(error.to_string())
    }

    fn page(&self) -> String {
        PAGE.replace("{reason}", &escaped(&self.0))
    }
}

/// Opens the window with the reason.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let address = Url::parse("stopped://localhost/").expect("a constant address");
    WebviewWindowBuilder::new(app, "stopped", WebviewUrl::CustomProtocol(address))
        .title("Qatysu")
        .inner_size(640.0, 480.0)
        .build()?;
    Ok(())
}

/// Answers the web view with the page.
pub(crate) fn answer<R: Runtime>(app: &AppHandle<R>) -> Response<Cow<'static, [u8]>> {
    let page = app.try_state::<Stopped>().map(|stopped| stopped.page()).unwrap_or_default();
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .body(Cow::Owned(page.into_bytes()))
        .expect("constant headers are well formed")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_shows_the_reason_as_text() {
        let error = ShellError::KeyForm { path: "/<b>&/device.key".into() };
        let page = Stopped::because(&error).page();
        assert!(page.contains("/&lt;b&gt;&amp;/device.key is not a device key"));
        assert!(!page.contains("{reason}"));
    }
}
