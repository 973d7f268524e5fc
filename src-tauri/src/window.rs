//! The window of the UI.

use tauri::webview::{PermissionKind, PermissionResponse, WebviewWindowBuilder};
use tauri::{AppHandle, Runtime, Url};

/// Opens the window that `tauri.conf.json` describes.
///
/// It shows our own page and never another one. That is why the page may use the camera without
/// another question on a desktop: cards are read from its frames where there is no native scanner.
/// A phone's system still asks the person.
pub(crate) fn open_main<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let config = app.config();
    let window = config.app.windows.first().expect("tauri.conf.json describes the main window");
    let dev_url = config.build.dev_url.clone();
    WebviewWindowBuilder::from_config(app, window)?
        .on_navigation(move |url| is_ours(url, dev_url.as_ref()))
        .on_permission_request(|_, kind| match kind == PermissionKind::Camera {
            true => PermissionResponse::Allow,
            false => PermissionResponse::Deny,
        })
        .build()?;
    Ok(())
}

/// True for the files that were built in, for what the page itself made of them (`blob:`), and for
/// the page's server under `cargo tauri dev`.
fn is_ours(url: &Url, dev_url: Option<&Url>) -> bool {
    match url.scheme() {
        "tauri" | "blob" => true,
        "http" | "https" => {
            url.host_str() == Some("tauri.localhost")
                || dev_url.is_some_and(|dev| dev.origin() == url.origin())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("an address")
    }

    #[test]
    fn window_stays_with_our_page() {
        let dev = url("http://127.0.0.1:1430");
        for ours in
            ["tauri://localhost/today", "http://tauri.localhost/", "blob:tauri://localhost/1"]
        {
            assert!(is_ours(&url(ours), None), "{ours}");
        }
        assert!(is_ours(&url("http://127.0.0.1:1430/today"), Some(&dev)));
        for other in ["https://example.org/", "http://127.0.0.1:1431/", "file:///etc/passwd"] {
            assert!(!is_ours(&url(other), Some(&dev)), "{other}");
        }
        assert!(!is_ours(&dev, None));
    }
}
