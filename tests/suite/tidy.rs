//! The rules of this house that a machine can hold: arrows, rooms, sizes, names, migrations.
//!
//! The lists here are the truth; `docs/ARCHITECTURE.md` explains them. This file needs nothing heavy:
//! `xtask` compiles it as a test of its own, so that it speaks before anything else is built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates may depend on which.
const ARROWS: &[(&str, &[&str])] = &[
    ("seal", &[]),
    ("qr", &[]),
    ("ipc", &[]),
    ("paper", &["qr"]),
    ("attendance", &["seal"]),
    ("tlog", &["seal"]),
    ("identity", &["seal"]),
    ("ledger", &["attendance", "seal"]),
    ("carriage", &["attendance", "seal"]),
    ("sync-api", &["attendance", "seal", "tlog"]),
    ("device", &["attendance", "carriage", "seal", "tlog"]),
    ("sync-client", &["attendance", "carriage", "device", "seal", "sync-api"]),
    ("listener", &["sync-api"]),
    ("hub", &["attendance", "carriage", "device", "listener", "seal", "sync-api", "sync-client"]),
    ("server-store", &["attendance", "ledger", "seal", "tlog"]),
    (
        "server",
        &[
            "attendance",
            "carriage",
            "ledger",
            "listener",
            "paper",
            "seal",
            "server-store",
            "sync-api",
            "tlog",
            "witness",
        ],
    ),
    (
        "shell-core",
        &["attendance", "carriage", "device", "hub", "ipc", "seal", "sync-api", "sync-client"],
    ),
    ("web-shell", &["ipc", "listener", "shell-core"]),
    // It knows no attendance: whoever runs one need not trust our server, or have it.
    ("witness", &["seal", "tlog"]),
    ("qatysu-app", &["ipc", "shell-core"]),
    ("qatysu-ui", &["ipc", "qr"]),
    // A WASM module of its own, so that pages without a scanner do not load it.
    ("qatysu-decoder", &["qr"]),
    (
        "cli",
        &[
            "attendance",
            "device",
            "hub",
            "identity",
            "ipc",
            "ledger",
            "paper",
            "qr",
            "seal",
            "server",
            "shell-core",
            "sync-api",
            "sync-client",
            "tlog",
            "web-shell",
            "witness",
        ],
    ),
    (
        "system-tests",
        &[
            "attendance",
            "carriage",
            "device",
            "hub",
            "ipc",
            "ledger",
            "listener",
            "qr",
            "seal",
            "server",
            "server-store",
            "shell-core",
            "sync-api",
            "sync-client",
            "tlog",
            "web-shell",
            "witness",
        ],
    ),
    ("xtask", &[]),
];

/// What only some of our crates may depend on, for whatever purpose. A star stands for any ending.
const ROOMS: &[(&str, &[&str])] = &[
    ("aes-gcm", &["identity"]),
    ("axum", &["hub", "listener", "server", "system-tests", "web-shell", "witness"]),
    ("calamine", &["cli", "paper"]),
    ("ed25519-dalek", &["seal"]),
    ("hayro", &["paper"]),
    ("hpke", &["carriage"]),
    ("hyper", &["listener"]),
    ("if-addrs", &["hub"]),
    ("leptos*", &["qatysu-ui"]),
    ("maud", &["server"]),
    ("mdns-sd", &["hub"]),
    ("miniz_oxide", &["identity"]),
    ("p256", &["identity"]),
    ("pdf-writer", &["paper"]),
    ("qrcodegen", &["qr"]),
    ("prometheus-client", &["server"]),
    ("raptorq", &["carriage"]),
    ("rcgen", &["server", "system-tests"]),
    ("reqwest", &["sync-client", "system-tests", "witness"]),
    ("rqrr", &["qr"]),
    ("rust_xlsxwriter", &["paper"]),
    ("rusqlite", &["device", "server-store", "system-tests"]),
    ("rustls", &["sync-client", "witness"]),
    ("rxing", &["qr"]),
    ("tauri*", &["qatysu-app"]),
    ("tokio-io-timeout", &["listener"]),
    ("tokio-rustls", &["server"]),
    ("wasm-bindgen-cli-support", &["xtask"]),
    ("webauthn-rs*", &["server"]),
];

/// Crates that decide, or give shapes: they replay to the same bytes anywhere.
const PURE: &[&str] =
    &["seal", "attendance", "tlog", "identity", "ledger", "carriage", "qr", "ipc", "sync-api"];

/// What a pure crate may not say, and why not.
const IMPURE: &[&str] = &[
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "getrandom",
    "rand::",
];

/// Where migrations are.
const MIGRATIONS: [&str; 2] = ["device", "server/sqlite"];

const LINES_LOOK_AGAIN: usize = 400;
const LINES_MAX: usize = 600;

#[test]
fn arrows_between_our_crates_are_on_the_list() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let ours: BTreeSet<String> = packages().into_iter().map(|package| package.name).collect();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(targets) = allowed.get(package.name.as_str()) else {
            wrong.push(format!("{} has no line in the list of arrows", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.normal && ours.contains(&d.name))
        {
            if !targets.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} → {}", package.name, dependency.name));
            }
        }
    }
    for (crate_name, _) in ARROWS {
        if !ours.contains(*crate_name) {
            wrong.push(format!("{crate_name} is on the list, and in no Cargo.toml"));
        }
    }
    assert_none(wrong, "arrows that are not allowed");
}

#[test]
fn nobody_depends_on_the_app_or_the_command_line() {
    let mut wrong = Vec::new();
    for package in packages() {
        for dependency in &package.dependencies {
            if ["qatysu-app", "cli", "xtask", "system-tests"].contains(&dependency.name.as_str()) {
                wrong.push(format!("{} → {}", package.name, dependency.name));
            }
        }
    }
    assert_none(wrong, "these crates are ends of arrows");
}

#[test]
fn heavy_dependencies_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for package in packages() {
        for dependency in &package.dependencies {
            let room = ROOMS.iter().find(|(name, _)| matches_name(name, &dependency.name));
            if room.is_some_and(|(_, rooms)| !rooms.contains(&package.name.as_str())) {
                wrong.push(format!("{} → {}", package.name, dependency.name));
            }
        }
        let quiet = PURE.contains(&package.name.as_str()) || package.name == "device";
        if quiet && package.dependencies.iter().any(|d| d.normal && d.name == "tokio") {
            wrong.push(format!("{} → tokio", package.name));
        }
    }
    assert_none(wrong, "one room per dependency");
}

#[test]
fn pure_crates_have_no_clock_no_files_no_chance() {
    let mut wrong = Vec::new();
    for name in PURE {
        for source in sources(&root().join("crates").join(name).join("src")) {
            for (number, line) in source.product_lines() {
                for word in IMPURE.iter().filter(|word| code_of(line).contains(**word)) {
                    wrong.push(format!("{}:{number}: {word}", source.shown()));
                }
            }
        }
    }
    assert_none(wrong, "rule and shape crates take time, chance and bytes as arguments");
}

#[test]
fn one_place_decides_about_signatures() {
    let (strict, batch) = (concat!("verify", "_strict"), concat!("verify", "_batch"));
    let mut wrong = Vec::new();
    for source in all_sources() {
        let in_seal = source.path.starts_with(root().join("crates/seal"));
        for (number, line) in source.lines() {
            let code = code_of(line);
            if code.contains(batch) || (code.contains(strict) && !in_seal) {
                wrong.push(format!("{}:{number}: {}", source.shown(), line.trim()));
            }
        }
    }
    assert_none(wrong, "signatures are decided by seal::PublicKey::verify alone");
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for source in all_sources() {
        let lines = source.product_lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{}: {lines} lines", source.shown()));
        } else if lines > LINES_LOOK_AGAIN {
            eprintln!("look again: {} has {lines} lines", source.shown());
        }
    }
    assert_none(wrong, "no file has more than 600 lines without its tests");
}

#[test]
fn names_say_what_things_are() {
    let modules = ["utils", "util", "common", "misc", "types", "helpers", "helper"];
    let endings = ["Manager", "Service", "Helper", "Util", "Utils", "Processor", "Handler"];
    let mut wrong = Vec::new();
    for source in all_sources() {
        let stem = source.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let folder = source.path.parent().and_then(Path::file_name);
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        for name in [stem, folder].into_iter().flatten() {
            if modules.contains(&name.as_str()) {
                wrong.push(format!("{}: a module called {name}", source.shown()));
            }
        }
        for (number, line) in source.lines() {
            let words: Vec<&str> = code_of(line).split_whitespace().collect();
            for pair in words.windows(2) {
                let name = pair[1].split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let name = name.unwrap_or_default();
                let bad = match pair[0] {
                    "fn" => {
                        name.starts_with("get_")
                            || name.starts_with("validate_")
                            || name.starts_with("is_valid")
                    }
                    "struct" | "enum" | "trait" | "type" => {
                        endings.iter().any(|ending| name.ends_with(ending))
                    }
                    "mod" => modules.contains(&name),
                    _ => false,
                };
                if bad {
                    wrong.push(format!("{}:{number}: {} {name}", source.shown(), pair[0]));
                }
            }
        }
    }
    assert_none(wrong, "names that say nothing");
}

#[test]
fn nothing_is_left_for_later() {
    let words = [
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ign", "ore"),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
    ];
    let mut wrong = Vec::new();
    for source in all_sources() {
        for (number, line) in source.lines() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                wrong.push(format!("{}:{number}: {word}", source.shown()));
            }
        }
    }
    assert_none(wrong, "what is not there is absent, and said so in the crate's words");
}

#[test]
fn pure_crates_and_libraries_forbid_unsafe_code() {
    let mut wrong = Vec::new();
    for (name, _) in ARROWS {
        let lib = root().join("crates").join(name).join("src/lib.rs");
        let Ok(text) = std::fs::read_to_string(&lib) else { continue };
        if !text.contains("#![forbid(unsafe_code)]") {
            wrong.push(format!("crates/{name}"));
        }
    }
    assert_none(wrong, "a library forbids unsafe code");
}

#[test]
fn numbers_have_no_gap_and_no_double() {
    for folder in MIGRATIONS {
        for (number, (name, _)) in (1..).zip(migrations(folder)) {
            let expected = format!("{number:04}_");
            assert!(
                name.starts_with(&expected),
                "{folder}: {name} stands where {expected}… should"
            );
            let rest = name.trim_start_matches(&expected);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            let stem = rest.strip_suffix(".sql").unwrap_or_else(|| panic!("{name} is not SQL"));
            assert!(!stem.is_empty() && stem.chars().all(plain), "{folder}: {name}");
        }
    }
}

/// New migrations are written into `migrations/CHECKSUMS` when they land, by hand or with
/// `QATYSU_BLESS=1`; that never replaces a line.
#[test]
fn landed_migrations_are_only_added_to() {
    let path = root().join("migrations").join("CHECKSUMS");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let kept: BTreeMap<String, String> = kept
        .lines()
        .map(|line| {
            let (sum, file) = line.split_once("  ").expect("sha256, two spaces, file");
            (file.to_owned(), sum.to_owned())
        })
        .collect();
    let mut there = BTreeMap::new();
    for folder in MIGRATIONS {
        for (name, sql) in migrations(folder) {
            let sum = seal::sha256(sql.as_bytes()).to_string();
            there.insert(format!("{folder}/{name}"), sum);
        }
    }
    for (file, sum) in &kept {
        assert!(
            there.get(file) == Some(sum),
            "{file}: migrations cannot be modified or removed, only added"
        );
    }
    if std::env::var_os("QATYSU_BLESS").is_some() {
        let lines: String = there.iter().map(|(file, sum)| format!("{sum}  {file}\n")).collect();
        std::fs::write(&path, lines).expect("the file is written");
        return;
    }
    for file in there.keys() {
        assert!(kept.contains_key(file), "{file} is not in migrations/CHECKSUMS yet");
    }
}

/// The migrations of a folder: names and SQL, in order.
fn migrations(folder: &str) -> Vec<(String, String)> {
    let folder = root().join("migrations").join(folder);
    let entries = folder.read_dir().unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut found: Vec<(String, String)> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let sql = std::fs::read_to_string(entry.path()).expect("a migration is text");
            (entry.file_name().to_string_lossy().into_owned(), sql)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{} has no migrations", folder.display());
    found
}

/// One of our packages.
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    /// True unless it is for tests or for the build script.
    normal: bool,
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages").iter();
    let packages: Vec<Package> = packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
            let dependencies = dependencies
                .map(|d| Dependency { name: text(&d["name"]), normal: d["kind"].is_null() });
            Package { name: text(&package["name"]), dependencies: dependencies.collect() }
        })
        .collect();
    assert!(packages.len() > 10, "cargo metadata saw {} packages", packages.len());
    packages
}

fn matches_name(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

/// A file of Rust.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// The lines, numbered from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The lines before the file's own tests.
    fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let test_file = self.path.file_name().is_some_and(|name| name == "tests.rs");
        self.lines().take_while(move |(_, line)| test_file || line.trim() != "#[cfg(test)]")
    }

    fn shown(&self) -> String {
        self.path.strip_prefix(root()).unwrap_or(&self.path).display().to_string()
    }
}

/// A line without what a comment says.
fn code_of(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

fn all_sources() -> Vec<Source> {
    let folders = ["crates", "src-tauri", "src-ui", "tests", "xtask"];
    let all: Vec<Source> = folders.iter().flat_map(|name| sources(&root().join(name))).collect();
    assert!(all.len() > 100, "only {} sources were found", all.len());
    all
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = folder.read_dir().unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        for entry in entries {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() {
                if name != "target" && name != "dist" && name != "node_modules" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                found.push(Source { path, text });
            }
        }
    }
    assert!(!found.is_empty(), "{} has no sources", folder.display());
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("this package is a folder of the workspace").to_owned()
}

#[track_caller]
fn assert_none(wrong: Vec<String>, what: &str) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}
