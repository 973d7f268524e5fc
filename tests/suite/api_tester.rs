//! The API under a tester that makes requests up from its OpenAPI document (schemathesis). `cargo xtask
//! api` prepares it, and `cargo xtask test` runs it.

use std::process::Command;
use std::time::Duration;

use sync_api::HelloResponse;
use system_tests::{Phone, Town};

use crate::papers::closed_month;

/// Where the tester is.
const TESTER: &str = "QATYSU_SCHEMATHESIS";
/// What is asked of each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";
/// Made-up requests for each endpoint and kind of test.
const EXAMPLES: &str = "10";
/// All of it is over by then.
const WITHIN: Duration = Duration::from_secs(150);

async fn token(town: &Town, phone: &Phone) -> String {
    let url = format!("{}/v1/hello", town.address());
    let hello = serde_json::to_string(&phone.hello().await).expect("JSON");
    let request = reqwest::Client::new().post(url).header("content-type", "application/json");
    let answer = request.body(hello).send().await.expect("the server answers");
    let answer = answer.text().await.expect("text");
    serde_json::from_str::<HelloResponse>(&answer).expect("a hello's answer").token
}

/// No made-up request gets a server's fault, or an answer that the document does not tell: neither from
/// the coordinator of a closed month nor from a family. The tester asks without a token too.
#[tokio::test(flavor = "multi_thread")]
async fn made_up_requests_get_only_answers_that_the_document_tells() {
    let tester = std::env::var_os(TESTER);
    let tester = tester.expect("cargo xtask api sets QATYSU_SCHEMATHESIS to the tester");
    let mut town = Town::found().await;
    let coordinator = closed_month(&mut town).await;
    let family = town.parent(&[1]).await;

    let callers = [
        ("coordinator", token(&town, &coordinator).await),
        ("family", token(&town, &family).await),
    ];
    for (who, token) in callers {
        let mut command = Command::new(&tester);
        command.arg("run").arg(format!("{}/v1/openapi.json", town.address()));
        // It keeps notes where it runs.
        let notes = tempfile::tempdir().expect("a folder");
        command.current_dir(notes.path()).args(["--checks", CHECKS]);
        command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES]);
        command.args(["--seed", "1", "--generation-deterministic", "--no-color"]);
        command.args(["--request-timeout", "20"]);
        command.arg("--header").arg(format!("Authorization: Bearer {token}"));
        let run = tokio::task::spawn_blocking(move || command.output());
        let ended = tokio::time::timeout(WITHIN, run).await.expect("the tester ends in time");
        let ended = ended.expect("the thread ends").expect("the tester starts");
        let said = String::from_utf8_lossy(&ended.stdout);
        let complained = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{who}: {said}\n{complained}");
        let counts =
            said.lines().rev().find(|line| line.contains("passed") || line.contains("generated"));
        say(&format!("api tester, {who}: {}", counts.unwrap_or("no count").trim()));
    }
    town.stop_server().await;
}

#[expect(clippy::print_stdout, reason = "the counts are what a reader of the log looks for")]
fn say(line: &str) {
    println!("{line}");
}
