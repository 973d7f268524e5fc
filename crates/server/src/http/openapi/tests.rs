//! The document has the router's routes, all of them and no others, each once.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// The routes as the router's source has them: method and path.
fn routes() -> BTreeSet<(String, String)> {
    let source: String = include_str!("../../http.rs").split_whitespace().collect();
    let mut routes = BTreeSet::new();
    let source = source.split("fnroutes(").nth(1).expect("the router lists its routes");
    for rest in source.split("(\"/").skip(1) {
        let (path, rest) = rest.split_once("\",").expect("a route has a path and a handler");
        let handler = rest
            .strip_prefix("Access::Anybody,")
            .or_else(|| Some(rest.split_once("),")?.1))
            .expect("a route says who may ask, then its handler");
        let method = handler.split_once('(').expect("a handler is of a method").0;
        assert!(["get", "put", "post"].contains(&method), "{path}: {method}");
        // A second method at one path would be `get(…).post(…)`.
        let handlers = handler.split("(\"/").next().unwrap_or_default();
        for other in [").get(", ").put(", ").post(", ").delete(", ").patch("] {
            assert!(!handlers.contains(other), "{path}: write each method as a route of its own");
        }
        routes.insert((method.to_owned(), format!("/{path}")));
    }
    routes
}

#[test]
fn the_table_has_every_route_of_the_router_and_no_other() {
    let told: BTreeSet<_> =
        ENDPOINTS.iter().map(|one| (one.method.to_owned(), one.path.to_owned())).collect();
    assert_eq!(told.len(), ENDPOINTS.len(), "an endpoint is in the table twice");
    assert!(routes().len() >= 30, "{}", routes().len());
    assert_eq!(told, routes());
}

#[test]
fn every_variable_of_an_address_is_described_and_every_name_is_its_own() {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for (path, place) in document["paths"].as_object().unwrap() {
        for operation in place.as_object().unwrap().values() {
            let described = operation["parameters"].as_array().unwrap().iter();
            let described: Vec<_> = described.map(|one| one["name"].as_str().unwrap()).collect();
            let variables: Vec<_> = path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            assert_eq!(described, variables, "{path}");
            *names.entry(operation["operationId"].as_str().unwrap().to_owned()).or_default() += 1;
            let responses = operation["responses"].as_object().unwrap();
            for status in ["200", "429", "503"] {
                assert!(responses.contains_key(status), "{path} {status}");
            }
        }
    }
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}

#[test]
fn what_the_document_refers_to_is_in_it() {
    let text = openapi();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut found = 0;
    for rest in text.split("#/components/schemas/").skip(1) {
        let name = rest.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        found += 1;
    }
    assert!(found > 30);
}

#[test]
fn an_answer_that_is_not_told_is_noticed() {
    assert!(tells(&Method::GET, "/v1/board", 403));
    assert!(!tells(&Method::GET, "/v1/board", 404));
    assert!(!tells(&Method::GET, "/v1/checkpoint", 500));
    assert!(tells(&Method::GET, "/v1/batch/{hash}/receipt", 404));
    assert!(!tells(&Method::PUT, "/v1/batch/{hash}", 404));
    assert!(tells(&Method::GET, "/somewhere", 500));
}
