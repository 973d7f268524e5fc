//! The house rules, held by a test: arrows between rooms, file sizes, migrations, words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which room may depend on which. This list is the truth; `docs/ARCHITECTURE.md` explains it.
const ARROWS: &[(&str, &[&str])] = &[
    ("seal", &[]),
    ("qr", &[]),
    ("ipc", &[]),
    ("attendance", &["seal"]),
    ("tlog", &["seal"]),
    ("ledger", &["attendance", "seal"]),
    ("sync-api", &["attendance", "seal", "tlog"]),
    ("device", &["attendance", "seal", "tlog"]),
    ("sync-client", &["attendance", "device", "seal", "sync-api"]),
    ("server-store", &["attendance", "ledger", "seal", "tlog"]),
    ("server", &["attendance", "ledger", "seal", "server-store", "sync-api", "tlog"]),
    ("shell-core", &["attendance", "device", "ipc", "seal", "sync-api", "sync-client"]),
    ("web-shell", &["ipc", "shell-core"]),
    ("qatysu-app", &["ipc", "shell-core"]),
    ("qatysu-ui", &["ipc", "qr"]),
    (
        "cli",
        &[
            "attendance",
            "device",
            "ipc",
            "ledger",
            "qr",
            "seal",
            "server",
            "shell-core",
            "sync-api",
            "sync-client",
            "tlog",
            "web-shell",
        ],
    ),
    ("system-tests", &[]),
    ("xtask", &[]),
];

/// Heavy dependencies, each with the only rooms that may name it.
const ONE_ROOM: &[(&str, &[&str])] = &[
    ("rusqlite", &["device", "server-store"]),
    ("reqwest", &["sync-client"]),
    ("axum", &["server", "web-shell"]),
    ("tauri", &["qatysu-app"]),
    ("leptos", &["qatysu-ui"]),
    ("ed25519-dalek", &["seal"]),
    ("rxing", &["qr"]),
];

/// Rooms that replay to the same bytes anywhere.
const PURE: &[&str] = &["seal", "qr", "attendance", "tlog", "ledger", "ipc", "sync-api"];

const IMPURE_WORDS: &[&str] = &[
    "SystemTime",
    "std::time::Instant",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "getrandom",
    "tokio",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace").to_owned()
}

fn packages() -> Vec<Value> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo answers");
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo speaks JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The packages that a package names in its normal dependencies.
fn named(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().expect("dependencies");
    let normal = all.iter().filter(|dependency| dependency["kind"].is_null());
    normal.map(|dependency| text(dependency, "name").to_owned()).collect()
}

#[test]
fn arrows_between_rooms_are_the_drawn_ones() {
    let allowed: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    let packages = packages();
    let rooms: BTreeSet<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let drawn: BTreeSet<&str> = allowed.keys().copied().collect();
    assert_eq!(rooms, drawn, "a room is missing from the list, or the list names one that is gone");
    for package in &packages {
        let name = text(package, "name");
        for other in named(package).iter().filter(|other| rooms.contains(other.as_str())) {
            assert!(
                allowed[name].contains(&other.as_str()),
                "{name} depends on {other}: that arrow is not drawn"
            );
        }
    }
}

#[test]
fn each_heavy_dependency_stays_in_its_room() {
    for package in packages() {
        let (name, named) = (text(&package, "name").to_owned(), named(&package));
        for (dependency, rooms) in ONE_ROOM {
            assert!(
                !named.contains(*dependency) || rooms.contains(&name.as_str()),
                "{name} names {dependency}, which belongs to {rooms:?}"
            );
        }
    }
}

fn rust_files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for folder in folders {
        rust_files(&root().join(folder), &mut files);
    }
    assert!(!files.is_empty(), "no source was found in {folders:?}");
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source is text");
            (path, text)
        })
        .collect()
}

#[test]
fn pure_rooms_name_no_clock_no_file_no_network() {
    for room in PURE {
        for (path, text) in sources(&[&format!("crates/{room}/src")]) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for word in IMPURE_WORDS {
                    assert!(!line.contains(word), "{}: {line}", path.display());
                }
            }
        }
    }
}

#[test]
fn one_function_decides_every_signature() {
    let strict = concat!("verify_", "strict(");
    let batch = concat!("verify_", "batch");
    let mut found = Vec::new();
    for (path, text) in sources(&["crates", "src-tauri", "src-ui"]) {
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(!line.contains(batch), "{}: {line}", path.display());
            if line.contains(strict) {
                found.push(path.clone());
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("crates/seal/src/key.rs"), "{found:?}");
}

#[test]
fn files_stay_readable_and_finished() {
    let unfinished = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore"),
        concat!("FIX", "ME"),
    ];
    for (path, text) in sources(&["crates", "src-tauri", "src-ui", "tests", "xtask"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().count();
        assert!(lines <= 600, "{} has {lines} lines: split it by noun", path.display());
        for word in unfinished {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

/// SHA-256 of each landed migration. They cannot be modified or removed, only added.
const LANDED: &[(&str, &str)] = &[
    ("device/0001_init.sql", "d46149dd934d7c7659047a0f972f0f96338e58d94337b66c68647acedd6afc4f"),
    (
        "server/sqlite/0001_init.sql",
        "e94eff0c94c4161fd1d39053d1a2d896af9cb18aad65c182fa6837fbcf309132",
    ),
];

#[test]
fn landed_migrations_are_unchanged_and_numbered_without_gap() {
    let dir = root().join("migrations");
    for (file, landed) in LANDED {
        let bytes = std::fs::read(dir.join(file)).unwrap_or_else(|_| panic!("{file} is gone"));
        let now = seal::sha256(&bytes).to_string();
        assert_eq!(&now, landed, "{file} was changed after it landed: add the next number instead");
    }
    for folder in ["device", "server/sqlite"] {
        let mut names: Vec<String> = std::fs::read_dir(dir.join(folder))
            .expect("a folder")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        for (number, name) in (1..).zip(&names) {
            assert!(
                name.starts_with(&format!("{number:04}_")),
                "{folder}/{name} is not number {number}"
            );
            let known = format!("{folder}/{name}");
            assert!(LANDED.iter().any(|(file, _)| *file == known), "{known} has no checksum here");
        }
    }
}

#[test]
fn every_table_is_strict_and_explains_itself() {
    for (file, _) in LANDED {
        let sql = std::fs::read_to_string(root().join("migrations").join(file)).expect("text");
        let tables: Vec<&str> = sql.split("CREATE TABLE ").skip(1).collect();
        assert!(!tables.is_empty(), "{file} makes no table");
        for table in tables {
            let name = table.split_whitespace().next().unwrap_or_default();
            let body = table.split(");").next().unwrap_or_default();
            let first = table.split_once('(').map_or("", |(_, rest)| rest.trim_start());
            assert!(first.starts_with("--"), "{file}: {name} begins without a comment");
            let end = table.split_once("\n)").map_or(body, |(_, rest)| rest);
            let end = end.split(';').next().unwrap_or_default();
            assert!(end.contains("STRICT"), "{file}: {name} is not STRICT");
        }
    }
}
