//! Parameters and shapes of the document.

use serde_json::{Value, json};
use sync_api::{Problem, ProblemKind};

/// A variable of an address.
#[derive(Clone, Copy)]
pub(super) enum Parameter {
    Position(&'static str),
    Version,
    Bytes(&'static str),
    Name,
    Hash,
    Month,
    VoucherNumber,
    Year,
    RegistryFile,
    LogFile,
}

/// Writes a variable.
pub(super) fn parameter(parameter: &Parameter) -> Value {
    let number = |maximum: u64| json!({ "type": "integer", "minimum": 0, "maximum": maximum });
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let (name, schema, example) = match parameter {
        Parameter::Position(name) => (*name, number(u64::MAX), json!(1)),
        Parameter::Version => ("from", number(u32::MAX.into()), json!(0)),
        Parameter::Bytes(name) => (*name, number(u32::MAX.into()), json!(0)),
        Parameter::Name => ("name", pattern("^[0-9a-f]{64}$"), json!("0".repeat(64))),
        Parameter::Hash => ("hash", pattern("^[0-9a-f]{64}$"), json!("0".repeat(64))),
        Parameter::Month => ("month", pattern("^20[0-9]{2}-(0[1-9]|1[0-2])$"), json!("2026-09")),
        Parameter::VoucherNumber => {
            ("number", json!({ "type": "string", "minLength": 1 }), json!("2026-0001"))
        }
        Parameter::Year => {
            ("year", json!({ "type": "integer", "minimum": 0, "maximum": 65535 }), json!(2026))
        }
        Parameter::RegistryFile => {
            ("file", pattern("^20[0-9]{2}-(0[1-9]|1[0-2])\\.(csv|json)$"), json!("2026-09.csv"))
        }
        Parameter::LogFile => ("path", json!({ "type": "string" }), json!("checkpoint")),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema, "example": example })
}

/// Gives the shapes that the document refers to, and how a device shows itself.
pub(super) fn components() -> Value {
    let base64 = json!({ "type": "string", "contentEncoding": "base64" });
    let id =
        |digits: usize| json!({ "type": "string", "pattern": format!("^[0-9a-f]{{{digits}}}$") });
    let ids = |digits: usize| json!({ "type": "array", "items": id(digits) });
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties });
    json!({
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token of a hello's answer, good for an hour",
            },
        },
        "schemas": {
            "Answer": {
                "type": "object",
                "description": "The shape is in docs/API.md; a client ignores fields that it does not know.",
            },
            "Parameters": {
                "type": "object",
                "description": "Parameters of the rules by their ids; the others stay as they are in force.",
            },
            "EnrolRequest": object(&["claims"], json!({ "claims": base64 })),
            "HelloRequest": object(
                &["claims"],
                json!({ "claims": base64, "certificate": { "anyOf": [base64, { "type": "null" }] } }),
            ),
            "TicketRequest": object(
                &["server", "role", "name"],
                json!({
                    "server": { "type": "string" },
                    "role": { "enum": ["teacher", "parent", "coordinator", "provider_admin", "delegate"] },
                    "name": { "type": "string" },
                    "provider": id(16),
                    "groups": ids(16),
                    "children": ids(24),
                    "replaces": id(16),
                }),
            ),
            "DelegateRequest": object(
                &["server", "name", "children"],
                json!({
                    "server": { "type": "string" },
                    "name": { "type": "string" },
                    "children": ids(24),
                }),
            ),
            "GrantsRequest": object(
                &["device", "groups", "name"],
                json!({ "device": id(16), "groups": ids(16), "name": { "type": "string" } }),
            ),
            "Problem": problem(),
        },
    })
}

/// A problem document: the names of its kinds are those that the server has.
fn problem() -> Value {
    let kind = |kind: ProblemKind| {
        let written = serde_json::to_value(Problem::new(kind, ""));
        written
            .ok()
            .and_then(|mut problem| Some(problem.get_mut("type")?.take()))
            .unwrap_or_default()
    };
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "enum": KINDS.map(kind) },
            "title": { "type": "string" },
            "status": { "enum": statuses() },
            "detail": { "type": "string" },
        },
    })
}

fn statuses() -> Vec<u16> {
    let mut all: Vec<u16> = KINDS.map(ProblemKind::status).into();
    all.sort_unstable();
    all.dedup();
    all
}

const KINDS: [ProblemKind; 11] = [
    ProblemKind::Malformed,
    ProblemKind::TooLarge,
    ProblemKind::TicketRefused,
    ProblemKind::NotRecognised,
    ProblemKind::NotAllowed,
    ProblemKind::NotFound,
    ProblemKind::Full,
    ProblemKind::OtherRoster,
    ProblemKind::TooOften,
    ProblemKind::Busy,
    ProblemKind::Broken,
];
