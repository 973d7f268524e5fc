//! What is shown when the device store cannot be opened: newer than the program, or in use.
//!
//! The page is built in and needs neither the UI nor the store. Its window is in no capability,
//! so it can call nothing.

use std::borrow::Cow;

use shell_core::{ShellError, WayOut};
use tauri::http::{Response, header};
use tauri::{AppHandle, Manager, Runtime, Url, WebviewUrl, WebviewWindowBuilder};

/// The address scheme of the page.
pub(crate) const SCHEME: &str = "stopped";

const PAGE: &str = include_str!("stopped.html");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Why the program does not go on. Its presence in the app's state makes the exit code 1.
pub(crate) struct Stopped {
    reason: String,
    way_out: WayOut,
}

impl Stopped {
    /// Keeps the sentence of an error; it names the file and what is wrong with it.
    pub(crate) fn because(error: &ShellError) -> Self {
        Self { reason: error.to_string(), way_out: error.way_out() }
    }

    fn page(&self) -> String {
        let [kk, ru, en] = words(self.way_out);
        PAGE.replace("{kk}", kk)
            .replace("{ru}", ru)
            .replace("{en}", en)
            .replace("{reason}", &escaped(&self.reason))
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

/// Says what helps, in Kazakh, Russian and English.
fn words(way_out: WayOut) -> [&'static str; 3] {
    match way_out {
        WayOut::CloseTheOther => [
            "Qatysu-дың басқа терезесін жабыңыз да, қайта ашыңыз.",
            "Закройте другое окно Qatysu и откройте программу снова.",
            "Close the other Qatysu window, then open the program again.",
        ],
        WayOut::Update => [
            "Деректерді бағдарламаның жаңарақ нұсқасы жазған: бағдарламаны жаңартыңыз.",
            "Данные записаны более новой версией программы: обновите её.",
            "The data was written by a newer release: update the program.",
        ],
        WayOut::FindTheKey => [
            "Деректердің кілті жоқ немесе басқа: кілт файлын көшірмеден қайтарыңыз немесе құпия \
             сөзді тексеріңіз. Болмаса, үйлестіруші құрылғыны қайта тіркейді.",
            "Ключа к данным нет, или он другой: верните файл ключа из копии или проверьте пароль. \
             Если не выйдет, координатор зарегистрирует устройство заново.",
            "The key to the data is missing, or is another one: put the key file back from a copy, or \
             check the passphrase. If that fails, the coordinator enrols the device anew.",
        ],
        WayOut::FreeSpace => [
            "Жад толды: орын босатып, бағдарламаны қайта ашыңыз.",
            "Память заполнена: освободите место и откройте программу снова.",
            "The storage is full: free some space, then open the program again.",
        ],
        WayOut::Tell => [
            "Төмендегі сөйлемді үйлестірушіге көрсетіңіз; деректер қалтасын өшірмеңіз.",
            "Покажите координатору строку ниже; папку с данными не удаляйте.",
            "Show the line below to the coordinator, and do not delete the data folder.",
        ],
    }
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
        assert!(page.contains("кілт файлын") && page.contains("файл ключа"), "what helps");
        for hole in ["{kk}", "{ru}", "{en}", "{reason}"] {
            assert!(!page.contains(hole), "{hole}");
        }
    }
}
