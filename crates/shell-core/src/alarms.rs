//! Every alarm, for a person, each with its evidence as a file for others.

use device::Alarm;
use ipc::{AlarmCode, AlarmView, ErrorCode, ErrorView};
use sync_api::{Base64, EVIDENCE_FORMAT, EvidenceFile, HexHash};

use crate::error;
use crate::shell::Shell;

impl Shell {
    pub(crate) async fn alarms(&self) -> Result<Vec<AlarmView>, ErrorView> {
        let alarms = self.device.with(|device| device.alarms()).await.map_err(error::of_store)?;
        alarms.into_iter().rev().map(alarm_view).collect()
    }
}

fn alarm_view(alarm: Alarm) -> Result<AlarmView, ErrorView> {
    let file = EvidenceFile {
        format: EVIDENCE_FORMAT.to_owned(),
        alarm: alarm.code.name().to_owned(),
        detail: alarm.detail.clone(),
        at_ms: alarm.at_ms,
        event: alarm.subject.map(HexHash),
        evidence: Base64(alarm.evidence),
    };
    let file = serde_json::to_string_pretty(&file)
        .map_err(|why| error::view(ErrorCode::Broken, why.to_string()))?;
    Ok(AlarmView {
        code: code_view(alarm.code.name()),
        at_ms: alarm.at_ms,
        detail: alarm.detail,
        event: alarm.subject.map(|event| event.to_string()),
        file,
    })
}

/// Finds the words for an alarm, by its stable name.
fn code_view(name: &str) -> AlarmCode {
    match name {
        "two_histories" | "two_roots" => AlarmCode::TwoHistories,
        "not_consistent" => AlarmCode::NotConsistent,
        "log_older" => AlarmCode::LogOlder,
        "bad_checkpoint" => AlarmCode::BadCheckpoint,
        "bad_receipt" => AlarmCode::BadReceipt,
        "bad_visit" => AlarmCode::BadVisit,
        "bad_statement" => AlarmCode::BadStatement,
        "bad_tags" | "bad_entry" | "unnamed_entry" => AlarmCode::Incomplete,
        "forked" => AlarmCode::Forked,
        "restored" => AlarmCode::Restored,
        _ => AlarmCode::Other,
    }
}
