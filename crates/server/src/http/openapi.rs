//! `GET /v1/openapi.json`: the API as an OpenAPI 3.1 document, made from one table.
//!
//! Two things keep the table true: a test reads the router's own source and finds each of its routes here,
//! and a build with debug assertions stops at an answer whose status the table does not tell, so that
//! every test of the system is a test of this document.

mod schema;
mod table;

use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use sync_api::ProblemKind;

use self::schema::components;
use self::table::{Body, ENDPOINTS, Endpoint, Who};

pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}

/// Gives the OpenAPI 3.1 document of the server's public API, as JSON.
#[must_use]
pub fn openapi() -> String {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in ENDPOINTS {
        let path = endpoint.path.replace("{*path}", "{path}");
        let place = paths.entry(path).or_insert_with(|| json!({}));
        place[endpoint.method] = operation(endpoint);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Qatysu: device and server",
            "version": "1",
            "description": "What devices, carriers and auditors ask of a server. Version 1 is frozen: \
                            an answer may get more fields, and none goes away.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": components(),
    });
    serde_json::to_string_pretty(&document).expect("the document has only string keys")
}

/// Says whether the document tells that a route may answer so. What is no route of the table is not
/// judged.
pub(super) fn tells(method: &Method, route: &str, status: u16) -> bool {
    let asked = method.as_str().to_lowercase();
    let mut of_route = ENDPOINTS.iter().filter(|endpoint| endpoint.path == route);
    of_route
        .find(|endpoint| endpoint.method == asked)
        .is_none_or(|endpoint| statuses(endpoint).contains(&status))
}

/// The statuses of an endpoint: its own, those of whoever may ask, and what every request may meet.
fn statuses(endpoint: &Endpoint) -> Vec<u16> {
    let mut all: Vec<u16> = problems(endpoint).into_iter().map(ProblemKind::status).collect();
    all.push(200);
    all.sort_unstable();
    all.dedup();
    all
}

fn problems(endpoint: &Endpoint) -> Vec<ProblemKind> {
    let mut kinds = endpoint.problems.to_vec();
    kinds.extend([ProblemKind::TooOften, ProblemKind::Busy, ProblemKind::Broken]);
    match endpoint.who {
        Who::Anybody => {}
        Who::Carrier => kinds.push(ProblemKind::NotRecognised),
        Who::Device => kinds.extend([ProblemKind::NotRecognised, ProblemKind::NotAllowed]),
    }
    if endpoint.path.contains('{') {
        kinds.push(ProblemKind::Malformed);
    }
    if !matches!(endpoint.takes, Body::Nothing) {
        kinds.extend([ProblemKind::Malformed, ProblemKind::TooLarge]);
    }
    kinds
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    responses.insert("200".to_owned(), answer(endpoint.gives));
    for status in statuses(endpoint).into_iter().filter(|status| *status != 200) {
        let titles = problems(endpoint).into_iter().filter(|kind| kind.status() == status);
        let mut titles: Vec<&str> = titles.map(ProblemKind::title).collect();
        titles.sort_unstable();
        titles.dedup();
        let waits = matches!(status, 429 | 503);
        responses.insert(status.to_string(), problem(&titles.join("; "), waits));
    }
    let mut operation = json!({
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": endpoint.parameters.iter().map(schema::parameter).collect::<Vec<_>>(),
        "responses": responses,
        "security": match endpoint.who {
            Who::Anybody => json!([]),
            Who::Carrier | Who::Device => json!([{ "token": [] }]),
        },
    });
    if let Some(content) = content(endpoint.takes) {
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

fn answer(body: Body) -> Value {
    let mut answer = json!({ "description": "Done" });
    if let Some(content) = content(body) {
        answer["content"] = content;
    }
    answer
}

fn content(body: Body) -> Option<Value> {
    let reference =
        |shape: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{shape}") } });
    let mut content = Map::new();
    match body {
        Body::Nothing => return None,
        Body::Json(shape) => {
            content.insert("application/json".to_owned(), reference(shape));
        }
        Body::JsonOr(shape, media_types) => {
            content.insert("application/json".to_owned(), reference(shape));
            content.extend(media_types.iter().map(|one| ((*one).to_owned(), json!({}))));
        }
        Body::Bytes(media_types) => {
            content.extend(media_types.iter().map(|one| ((*one).to_owned(), json!({}))));
        }
    }
    Some(Value::Object(content))
}

fn problem(description: &str, waits: bool) -> Value {
    let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    let mut answer = json!({
        "description": description,
        "content": { "application/problem+json": schema },
    });
    if waits {
        answer["headers"] = json!({
            "Retry-After": {
                "description": "When to ask again, in seconds",
                "schema": { "type": "integer", "minimum": 1 },
            }
        });
    }
    answer
}

#[cfg(test)]
mod tests;
