//! The one door between the UI and the shell: a command's name and JSON in, JSON out.

use ipc::{ErrorCode, ErrorView};
use serde_json::Value;
use shell_core::Shell;
use tauri::ipc::{Invoke, InvokeBody};
use tauri::{Manager, Runtime};

/// Hands one command to the shell, away from the thread that draws the window.
///
/// Tauri has already asked the capabilities whether this window may call it. `false` means that
/// there is no such command (or no open shell), and the UI is told so.
pub(crate) fn dispatch<R: Runtime>(invoke: Invoke<R>) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    let Some(&command) = ipc::COMMANDS.iter().find(|name| **name == message.command()) else {
        return false;
    };
    let Some(shell) = message.webview_ref().try_state::<Shell>().map(|s| s.inner().clone()) else {
        return false;
    };
    let args = match message.payload() {
        InvokeBody::Json(args) => args.clone(),
        InvokeBody::Raw(_) => {
            resolver.reject(ErrorView {
                code: ErrorCode::BadRequest,
                message: "the arguments are not JSON".to_owned(),
            });
            return true;
        }
    };
    tauri::async_runtime::spawn(async move {
        match answer(shell, command, args).await {
            Ok(view) => resolver.resolve(view),
            Err(error) => resolver.reject(error),
        }
    });
    true
}

/// Asks the shell in a task of its own, so that a defect there is an answer too: the UI would wait
/// for ever for a task that is gone.
async fn answer(shell: Shell, command: &'static str, args: Value) -> Result<Value, ErrorView> {
    let task = tauri::async_runtime::spawn(async move { shell.call(command, args).await });
    task.await.unwrap_or_else(|_| {
        Err(ErrorView {
            code: ErrorCode::Broken,
            message: format!("{command} ended without an answer"),
        })
    })
}
