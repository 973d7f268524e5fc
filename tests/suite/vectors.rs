//! The published vectors: each is what the generator writes, and our code gives each its verdict.
//!
//! `cargo run -p system-tests --example make_vectors` writes the files anew.

mod judge;
mod mutated;

use std::collections::BTreeSet;

use serde_json::json;
use system_tests::vectors::{self, OK, VECTORS_FORMAT, VectorFile};

/// A form with fewer broken cases than this says little.
const BROKEN_MIN: usize = 5;

fn kept() -> Vec<VectorFile> {
    let entries = vectors::folder().read_dir().expect("tests/vectors");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("vectors are text");
        let file: VectorFile =
            serde_json::from_str(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        assert_eq!(path.file_name().and_then(|name| name.to_str()), Some(&*file.name()));
        file
    };
    paths.iter().map(read).collect()
}

#[test]
fn our_code_gives_every_case_its_verdict() {
    let mut wrong = Vec::new();
    let (mut all, mut all_broken) = (0, 0);
    for file in kept() {
        assert_eq!(file.format, VECTORS_FORMAT, "{}", file.form);
        for case in &file.cases {
            let (found, output) = judge::judge(&file, case);
            let (form, name) = (&file.form, &case.name);
            if found != case.expected {
                wrong.push(format!("{form}, {name}: {found} instead of {}", case.expected));
            } else if output != case.output {
                let [found, expected] = [&output, &case.output].map(|it| json!(it).to_string());
                wrong.push(format!("{form}, {name}: gives {found} instead of {expected}"));
            }
        }
        let broken = file.cases.iter().filter(|case| case.expected != OK).count();
        let valid = file.cases.len() - broken;
        say(&format!("vectors/{}: {valid} valid, {broken} broken", file.form));
        (all, all_broken) = (all + file.cases.len(), all_broken + broken);
    }
    say(&format!("vectors: {all} cases, {all_broken} of them broken"));
    assert!(wrong.is_empty(), "{} verdicts differ:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn every_form_has_valid_and_at_least_five_broken_cases() {
    for file in kept() {
        let names: BTreeSet<&str> = file.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), file.cases.len(), "{}: a name comes twice", file.form);
        let broken = file.cases.iter().filter(|case| case.expected != OK).count();
        assert!(broken >= BROKEN_MIN, "{}: {broken} broken cases", file.form);
        assert!(broken < file.cases.len(), "{}: no valid case", file.form);
    }
}

#[test]
fn the_generator_writes_the_same_bytes() {
    let made = vectors::all();
    let names = |files: &[VectorFile]| {
        let mut names: Vec<String> = files.iter().map(VectorFile::name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&made), names(&kept()), "a file that nobody makes says nothing");
    for file in made {
        let path = vectors::folder().join(file.name());
        let kept = std::fs::read_to_string(&path).expect("it is there");
        assert!(kept == file.to_json(), "{}: run the example make_vectors", path.display());
    }
}

#[expect(clippy::print_stdout, reason = "the counts are what a reader of the log looks for")]
fn say(line: &str) {
    println!("{line}");
}
