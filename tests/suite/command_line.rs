//! The command line's contract: help with examples, exit codes, words.

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use system_tests::{Town, district};

use crate::qatysu::{qatysu, run, run_with_input};

/// Every command that does something, found by asking each for its subcommands.
fn commands() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![Vec::<String>::new()];
    while let Some(command) = open.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = run(&arguments).with(0);
        let mut names = help
            .lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| line.starts_with("  "))
            .filter(|line| !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .peekable();
        if names.peek().is_none() {
            found.push(command);
        } else {
            open.extend(names.map(|name| [&command[..], &[name.to_owned()]].concat()));
        }
    }
    found.sort();
    found
}

#[test]
fn help_of_every_command_has_examples() {
    let commands = commands();
    let shown: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
    for expected in [
        "audit",
        "log check",
        "log export",
        "trust witnesses",
        "witness serve",
        "card issue",
        "card show",
        "demo",
        "device list",
        "device release",
        "device revoke",
        "export act",
        "export event-pack",
        "init",
        "lesson cancel",
        "lesson list",
        "lesson move",
        "provider status",
        "provider suspend",
        "visit decide",
        "visit undecided",
        "voucher show",
        "voucher transfer",
        "scan",
        "serve",
        "signals",
        "ticket",
        "tranche",
        "what-if",
    ] {
        assert!(shown.iter().any(|command| command == expected), "{expected} of {shown:?}");
    }
    for command in &commands {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        for flag in ["--help", "-h"] {
            arguments.push(flag);
            let help = run(&arguments).with(0);
            assert!(help.contains("Examples:"), "{command:?} {flag}:\n{help}");
            let own = format!("qatysu {}", command.join(" "));
            assert!(help.contains(&own), "the examples of {command:?} show another command");
            arguments.pop();
        }
    }
    assert!(run(&["--help"]).with(0).contains("Examples:"));
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &[][..],
        &["fly"],
        &["scan"],
        &["serve"],
        &["serve", "--data", "x", "--listen", "nowhere"],
        &["card"],
        &["card", "issue", "--child", "not hexadecimal"],
        &["ticket", "--data", "x", "--server", "y", "--role", "king", "--name", "z"],
        &["ticket", "--data", "x", "--server", "y", "--role", "teacher", "--name", "z"],
        &["completions", "no-such-shell"],
        &["audit", "--no-such-flag", "x"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}{}", ended.said, ended.complained);
        let usage = ended.complained.contains("Usage:") || ended.complained.contains("--help");
        assert!(usage, "{arguments:?}: {}", ended.complained);
    }
}

#[test]
fn version_is_the_packages() {
    assert_eq!(run(&["--version"]).with(0).trim(), concat!("qatysu ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]).with(0);
        for command in ["serve", "card", "audit"] {
            assert!(script.contains(command), "{shell} does not complete {command}");
        }
    }
}

/// A card key in a file, as `qatysu init` writes it.
fn key_file(dir: &Path) -> String {
    let path = dir.join("card.key");
    std::fs::write(&path, format!("{}\n", "11".repeat(32))).expect("the key is written");
    path.to_str().expect("the path is text").to_owned()
}

#[test]
fn issued_card_is_shown_again_and_not_believed_without_a_trust_list() {
    let dir = tempfile::tempdir().unwrap();
    let key = key_file(dir.path());
    let (child, voucher) = ("0a0b0c0d0e0f000102030405", "0102030405060708");
    let issue = ["card", "issue", "--key", &key, "--child", child, "--voucher", voucher];
    let issued = run(&[&issue[..], &["--expires", "2027-01-01", "--json"]].concat()).with(0);
    let issued: Value = serde_json::from_str(&issued).unwrap();
    let text = issued["text"].as_str().unwrap();
    assert!(text.starts_with("OB1:"));

    let shown = run(&["card", "show", text, "--json"]).with(1);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["verdict"], "not_verified", "anybody could have written it");
    for field in ["card", "child", "voucher", "code", "sha256", "expires"] {
        assert_eq!(shown[field], issued[field], "{field}");
    }
    assert_eq!(shown["child"], child);
    let piped = run_with_input(&["card", "show", "-", "--json"], &format!("{text}\n")).with(1);
    assert_eq!(serde_json::from_str::<Value>(&piped).unwrap(), shown);
}

#[tokio::test]
async fn card_of_the_district_is_accepted_and_an_edited_one_refused() {
    let town = Town::found().await;
    let card = town.card(3);
    let trust = town.server_dir();
    let trust = trust.to_str().unwrap();
    let show =
        |text: &str, at: &str| run(&["card", "show", text, "--trust", trust, "--at", at, "--json"]);
    let verdict = |said: String| -> Value { serde_json::from_str(&said).unwrap() };
    let held = verdict(show(&card, "2026-09-14T16:05:00+05:00").with(0));
    assert_eq!(held["verdict"], "accepted");
    assert_eq!(held["child"], district::child(3).to_string());
    let over = verdict(show(&card, "2027-09-14T16:05:00+05:00").with(1));
    assert_eq!(over["refusal"], "expired");
    let foreign = verdict(show("https://example.kz", "2026-09-14T16:05:00+05:00").with(1));
    assert_eq!(foreign["refusal"], "foreign");
    let other = system_tests::issue(3, &system_tests::key(77)).text;
    let unknown = verdict(show(&other, "2026-09-14T16:05:00+05:00").with(1));
    assert_eq!(unknown["refusal"], "unknown_key");
    // A missing trust list is broken, not refused.
    let ended = run(&["card", "show", &card, "--trust", "/nowhere/at/all"]);
    assert!(ended.complained.contains("/nowhere/at/all"), "{}", ended.complained);
    ended.with(3);
}

#[test]
fn picture_of_a_card_is_read_and_one_without_a_code_is_not_found() {
    let dir = tempfile::tempdir().unwrap();
    let (key, png) = (key_file(dir.path()), dir.path().join("card.png"));
    let png = png.to_str().unwrap();
    let card = ["--child", "0a0b0c0d0e0f000102030405", "--voucher", "0102030405060708"];
    let rest = ["--expires", "2027-01-01", "--png", png, "--json"];
    let issue = [&["card", "issue", "--key", &key][..], &card, &rest].concat();
    let issued: Value = serde_json::from_str(&run(&issue).with(0)).unwrap();
    assert_eq!(run(&["scan", png]).with(0).trim(), issued["text"].as_str().unwrap());

    let empty = dir.path().join("empty.png");
    image::GrayImage::from_pixel(200, 200, image::Luma([255])).save(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let ended = run(&["scan", empty]);
    assert!(ended.complained.contains("no QR Code found"), "{}", ended.complained);
    assert_eq!(ended.with(1), "");

    let text = dir.path().join("letter.png");
    std::fs::write(&text, "not a picture").unwrap();
    let ended = run(&["scan", text.to_str().unwrap()]);
    assert!(ended.complained.contains("letter.png"), "{}", ended.complained);
    ended.with(3);
    run(&["scan", "/nowhere/at/all.png"]).with(3);
}

#[tokio::test]
async fn port_in_use_is_said_in_words() {
    let town = Town::found().await;
    let dir = tempfile::tempdir().unwrap();
    system_tests::copy_dir(&town.server_dir(), dir.path());
    let listen = town.address();
    let listen = listen.trim_start_matches("http://");
    let data = dir.path().to_str().unwrap();
    let ended = run(&["serve", "--data", data, "--listen", listen]);
    assert!(ended.complained.contains(listen), "{}", ended.complained);
    assert!(ended.complained.contains("--listen"), "it says what to do: {}", ended.complained);
    ended.with(3);
    let open = run(&["serve", "--data", data, "--listen", "0.0.0.0:0"]);
    assert!(open.complained.contains("loopback"), "{}", open.complained);
    open.with(3);
}

#[tokio::test]
async fn serve_twice_is_refused_the_second_time() {
    let mut town = Town::found().await;
    town.stop_server().await;
    let dir = town.server_dir();
    let data = dir.to_str().unwrap();
    let mut first = qatysu(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--json"]);
    let mut first = first.stdout(Stdio::piped()).spawn().unwrap();
    let told = std::io::BufReader::new(first.stdout.take().unwrap());
    let told = std::io::BufRead::lines(told).next().unwrap().unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["origin"], district::ORIGIN);
    let address = told["address"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let second = run(&["serve", "--data", data, "--listen", &address]);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(second.complained.contains("cannot listen"), "{}", second.complained);
    second.with(3);
}

#[test]
fn missing_files_are_named() {
    for arguments in [
        &["serve", "--data", "/nowhere/at/all"][..],
        &["init", "--data", "/tmp", "--district", "/nowhere/at/all"],
        &["audit", "/nowhere/at/all"],
        &["card", "sheet", "--cards", "/nowhere/at/all", "-o", "/tmp/never.pdf"],
    ] {
        let ended = run(arguments);
        assert!(
            ended.complained.contains("/nowhere/at/all"),
            "{arguments:?}: {}",
            ended.complained
        );
        ended.with(3);
    }
}

#[tokio::test]
async fn receipt_file_and_bundle_are_verified_without_a_server() {
    let mut town = Town::found().await;
    let (teacher, coordinator) = (town.teacher().await, town.coordinator().await);
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    let visit = teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    // A month in which nothing was earned has nothing to be paid.
    let family = town.parent(&[1]).await;
    let answer = serde_json::json!({ "visit": visit, "answer": "was" });
    drop(family.call::<Value>("answer_visit", answer).await);
    family.sync().await.receipted(1);
    town.set_clock(district::MAY_CLOSE_MS);
    let month = serde_json::json!({ "month": district::MONTH });
    drop(coordinator.call::<Value>("close_month", month).await);
    let closed = town.until(&coordinator, ipc::MonthState::Closed).await;
    let bundle = coordinator.shell.fetch_file("bundle/2026-09").await.unwrap();
    let receipt = teacher.proof(&visit).await.file.unwrap();
    town.stop_server().await;

    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trust = town.server_dir();
    let trust = trust.to_str().unwrap();
    let file = put("visit.json", &receipt);
    run(&["receipt", "verify", &file, "--trust", trust]).with(0);
    let (list, roots) = (format!("{trust}/trust.list"), format!("{trust}/trust.roots"));
    run(&["receipt", "verify", &file, "--trust", &list]).with(0);
    run(&["receipt", "verify", &file, "--trust", &list, "--roots", &roots]).with(0);
    let alone = put("alone.list", "");
    let no_roots = run(&["receipt", "verify", &file, "--trust", &alone]);
    assert!(no_roots.complained.contains("--roots FILE"), "{no_roots:?}");
    no_roots.with(3);
    let mut edited: Value = serde_json::from_str(&receipt).unwrap();
    edited["salt"] = "AAAAAAAAAAAAAAAAAAAAAA==".into();
    let edited = put("edited.json", &edited.to_string());
    run(&["receipt", "verify", &edited, "--trust", trust]).with(1);

    // The same as text for tools of others; its event lies beside it.
    let proof = dir.path().join("visit.tlog-proof");
    let proof = proof.to_str().unwrap();
    run(&["receipt", "export", &file, "-o", proof]).with(0);
    let said = run(&["receipt", "verify", proof, "--trust", trust]).with(0);
    assert!(said.contains("proven: the log had these bytes"), "{said}");
    run(&["receipt", "verify", proof, "--trust", trust, "--event", &edited]).with(1);
    run(&["receipt", "verify", proof, "--trust", trust, "--event", "nowhere"]).with(3);
    let unwitnessed = run(&["receipt", "verify", &file, "--trust", trust, "--witnessed"]).with(1);
    assert!(unwitnessed.contains("refused, witnesses"), "{unwitnessed}");
    run(&["receipt", "export", &edited, "-o", "/nowhere/at-all.tlog-proof"]).with(3);
    run(&["receipt", "two-histories", &file, "--trust", trust]).with(1);

    let file = put("bundle.json", &bundle);
    let audited = run(&["audit", &file, "--json"]);
    assert!(audited.said.contains(closed.tranche.as_deref().unwrap()), "{audited:?}");
    let compared = ["what-if", &file, "--set", "payout_policy=ENROLMENT", "--json"];
    let compared: Value = serde_json::from_str(&run(&compared).with(0)).unwrap();
    assert_eq!(compared["parameters"][0]["in_force"], "VISIT_RATIO", "{compared}");
    let [in_force, tried] = ["in_force", "tried"].map(|name| &compared[name]["accrued_tiyn"]);
    assert!(in_force.as_i64() < tried.as_i64(), "{compared}");
    let said = run(&["what-if", &file, "--set", "min_confirmed=two"]).with(1);
    assert!(said.contains("refused: min_confirmed"), "{said}");
    run(&["what-if", &file]).with(2);
    exports(&file, dir.path());
    // A leaf less, and the tree is not the one that was signed.
    let mut edited: Value = serde_json::from_str(&bundle).unwrap();
    edited["leaves"].as_array_mut().unwrap().remove(2);
    let file = put("edited-bundle.json", &edited.to_string());
    run(&["audit", &file]).with(1);
    run(&["what-if", &file, "--set", "min_confirmed=2"]).with(1);
    run(&["export", "entitlements", &file, "-o", "/nowhere/at-all.csv"]).with(1);
}

#[test]
fn registry_says_which_lines_it_does_not_have() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/bundle.json");
    let vectors = std::fs::read_to_string(vectors).expect("the published vectors");
    let vectors: Value = serde_json::from_str(&vectors).expect("JSON");
    let is_signed = |case: &&Value| {
        case["name"].as_str().is_some_and(|name| name.ends_with("where the rules ask for them"))
    };
    let case = vectors["cases"].as_array().and_then(|cases| cases.iter().find(is_signed));
    let bundle = case.and_then(|case| case["inputs"]["bundle"].as_str()).expect("its bundle");
    let dir = tempfile::tempdir().expect("a folder");
    let file = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(file("bundle.json"), bundle).expect("a file");
    for name in ["registry.csv", "registry.xlsx", "registry.json"] {
        let said = run(&["export", "registry", &file("bundle.json"), "-o", &file(name)]).with(0);
        assert!(said.contains("withheld  provider "), "{name}: {said}");
    }
    let arguments =
        ["export", "registry", &file("bundle.json"), "-o", &file("registry.csv"), "--json"];
    let told: Value = serde_json::from_str(&run(&arguments).with(0)).expect("JSON");
    let withheld = told["withheld"].as_array().expect("a list");
    let csv = std::fs::read_to_string(file("registry.csv")).expect("a file");
    assert!(!withheld.is_empty());
    for line in withheld {
        let number = line["voucher_number"].as_str().expect("a number");
        assert!(!csv.contains(number), "{number} is withheld, and in the file");
    }
}

/// Every file that a month leaves behind is written, and says the same sum.
fn exports(bundle: &str, dir: &Path) {
    let file = |name: &str| dir.join(name).display().to_string();
    let tried = ["export", "act", bundle, "--provider", "1", "-o", &file("act.csv")];
    let refused = run(&tried);
    assert!(refused.complained.contains("there are: "), "{refused:?}");
    let bin = refused.complained.split("there are: ").nth(1);
    let bin = bin.and_then(|rest| rest.split(' ').next()).expect("the numbers of the providers");
    for (kind, name) in [("sheet", "sheet.xlsx"), ("sheet", "sheet.csv"), ("act", "act.csv")] {
        run(&["export", kind, bundle, "--provider", bin, "-o", &file(name)]).with(0);
        assert!(std::fs::metadata(file(name)).expect("a file").len() > 100, "{name}");
    }
    run(&["export", "sheet", bundle, "--provider", bin, "-o", &file("sheet.doc")]).with(1);
    run(&["export", "entitlements", bundle, "-o", &file("entitlements.csv")]).with(0);
    let act = std::fs::read_to_string(file("act.csv")).expect("a file");
    let total = act.lines().last().and_then(|line| line.split(',').nth(5)).expect("a sum");
    let total: i64 = total.parse().expect("tiyn");

    for (name, plain) in [("pack.json", &["--plain"][..]), ("pack.b64", &[])] {
        let output = file(name);
        run(&[&["export", "event-pack", bundle, "-o", &output], plain].concat()).with(0);
    }
    let plain = std::fs::read(file("pack.json")).expect("a file");
    let packed = STANDARD.decode(std::fs::read(file("pack.b64")).expect("a file")).expect("Base64");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("gzip");
    assert!(plain == unpacked);
    let pack: Value = serde_json::from_slice(&plain).expect("JSON");
    let of_provider = pack["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter(|event| event["entity"] == "accrual" && event["organisation_bin"] == *bin);
    let sum: i64 =
        of_provider.map(|event| event["body"]["accrued_tiyn"].as_i64().expect("tiyn")).sum();
    assert_eq!((sum, sum > 0), (total, true));
}
