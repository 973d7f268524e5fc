//! Every file is opened again, and says what the signed month says.

use clap::Parser;
use ledger::Tiyn;
use paper::{rasterise, read_table};

use super::*;
use crate::audit::tests::world::World;

const QUIET: Console = Console { json: false };
const BIN: &str = "000000000002";

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: ExportCommand,
}

/// Writes a file of the world's month, and gives its bytes.
fn exported(arguments: &[&str], name: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let bundle = path("bundle.json");
    std::fs::write(&bundle, serde_json::to_vec(&World::closed().bundle()).unwrap()).unwrap();
    let [kind, more @ ..] = arguments else { panic!("no kind") };
    let mut line = vec!["qatysu", kind, &bundle];
    line.extend(more);
    let output = path(name);
    line.extend(["-o", &output]);
    let parsed = Line::try_parse_from(&line).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(run(&parsed.command, QUIET).unwrap(), Exit::Fine, "{arguments:?}");
    std::fs::read(output).unwrap()
}

fn recomputed() -> Recomputed {
    let dir = tempfile::tempdir().unwrap();
    let bundle = dir.path().join("bundle.json");
    std::fs::write(&bundle, serde_json::to_vec(&World::closed().bundle()).unwrap()).unwrap();
    audit::open(&bundle, None, QUIET).unwrap().unwrap()
}

#[test]
fn sheet_and_act_are_printed_in_three_languages_with_the_mark_of_the_signed_tranche() {
    let audited = recomputed();
    for (kind, named) in [("sheet", PaperKind::Sheet), ("act", PaperKind::Act)] {
        for lang in ["kk", "ru", "en"] {
            let name = format!("{kind}.pdf");
            let pdf = exported(&[kind, "--provider", BIN, "--lang", lang], &name);
            assert_eq!(exported(&[kind, "--provider", BIN, "--lang", lang], &name), pdf);
            let pages = rasterise(&pdf, 150).unwrap();
            let texts = qr::decode(&pages[0].as_luma());
            let mark: PaperMark = texts[0].parse().unwrap();
            assert_eq!((pages.len(), texts.len(), mark.kind), (1, 1, named));
            assert_eq!(mark.compare(&audited.tranche, 15), Ok(()));
            assert_eq!(mark.sum, audited.report.totals.accrued);
        }
    }
}

#[test]
fn a_spreadsheet_has_the_rows_and_sums_of_the_csv() {
    let kinds = [
        &["sheet", "--provider", BIN][..],
        &["act", "--provider", BIN],
        &["registry"],
        &["entitlements"],
    ];
    for arguments in kinds {
        let csv = read_table(&exported(arguments, "a.csv")).unwrap();
        let xlsx = read_table(&exported(arguments, "a.xlsx")).unwrap();
        if arguments != ["registry"] {
            assert_eq!(csv.header, xlsx.header, "{arguments:?}");
        }
        for column in ["accrued", "accrued_tiyn", "voucher_number", "initial_amount", "paid"] {
            let of = |file: &paper::TableFile| -> Vec<Option<String>> {
                let place = file.header.iter().position(|name| name == column);
                let rows = file.rows.iter().filter(|(_, row)| !row[0].contains("sha256"));
                let cells =
                    rows.filter_map(|(_, row)| Some(row.get(place?).map(|cell| decimal(cell))));
                cells.filter(|cell| cell.as_deref() != Some("")).collect()
            };
            let (csv, mut xlsx) = (of(&csv), of(&xlsx));
            if arguments == ["registry"] && !csv.is_empty() {
                xlsx.truncate(csv.len());
            }
            assert!(csv.is_empty() || csv == xlsx, "{arguments:?} {column}: {csv:?} {xlsx:?}");
        }
    }
}

/// A spreadsheet shows 0.50 as 0.5 where nobody formats it.
fn decimal(cell: &str) -> String {
    match Tiyn::parse_tenge(cell) {
        Some(sum) => sum.to_string(),
        None => cell.to_owned(),
    }
}

#[test]
fn the_three_registries_agree_on_lines_totals_and_hashes() {
    let audited = recomputed();
    let made = &audited.registry;
    let json: serde_json::Value =
        serde_json::from_slice(&exported(&["registry"], "r.json")).unwrap();
    let csv = exported(&["registry"], "r.csv");
    assert_eq!(csv, made.to_csv().into_bytes());
    let csv = read_table(&csv).unwrap();
    let xlsx = read_table(&exported(&["registry"], "r.xlsx")).unwrap();
    let cell = |file: &paper::TableFile, row: usize, name: &str| {
        let place = file.header.iter().position(|column| column == name).unwrap();
        file.rows[row].1.get(place).cloned().unwrap_or_default()
    };
    let lines = json["lines"].as_array().unwrap();
    assert_eq!((lines.len(), csv.rows.len(), xlsx.rows.len()), (2, 3, 6));
    let (mut sum, total) = (0, made.totals.accrued);
    for (row, line) in lines.iter().enumerate() {
        let tiyn = line["accrued_tiyn"].as_i64().unwrap();
        assert_eq!(cell(&csv, row, "accrued_tiyn"), tiyn.to_string());
        assert_eq!(cell(&xlsx, row, "accrued_tiyn"), tiyn.to_string());
        assert_eq!(Tiyn::parse_tenge(&cell(&xlsx, row, "accrued")), Some(Tiyn(tiyn)));
        assert_eq!(Tiyn::parse_tenge(&cell(&csv, row, "accrued_tenge")), Some(Tiyn(tiyn)));
        assert_eq!(cell(&csv, row, "voucher_number"), line["voucher_number"]);
        assert_eq!(cell(&xlsx, row, "voucher_number"), line["voucher_number"]);
        sum += tiyn;
    }
    assert_eq!((Tiyn(sum), json["totals"]["accrued_tiyn"].as_i64()), (total, Some(total.0)));
    assert_eq!(cell(&csv, 2, "accrued_tiyn"), total.0.to_string());
    assert_eq!(cell(&xlsx, 2, "accrued_tiyn"), total.0.to_string());
    // The hash of the lines is that of the CSV's records, and all three tell it or hold them.
    let text = made.to_csv();
    let records: String = text.split_inclusive("\r\n").skip(1).take(2).collect();
    let hash = seal::sha256(records.as_bytes()).to_string();
    assert_eq!((json["lines_sha256"].as_str(), &xlsx.rows[3].1[1]), (Some(&*hash), &hash));
    let tranche = made.tranche.to_string();
    assert_eq!((json["tranche_sha256"].as_str(), &xlsx.rows[4].1[1]), (Some(&*tranche), &tranche));
    assert_eq!((json["tranche_leaf"].as_u64(), &*xlsx.rows[5].1[1]), (Some(15), "15"));
}

/// The form that the state gateway takes (R12).
#[test]
fn the_event_pack_has_the_gateways_form_and_is_the_same_each_time() {
    let packed = exported(&["event-pack"], "pack.b64");
    assert_eq!(exported(&["event-pack"], "pack.b64"), packed);
    let zipped = STANDARD.decode(&packed).unwrap();
    let mut json = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut json)
        .unwrap();
    let pack: serde_json::Value = serde_json::from_str(&json).unwrap();
    let events = pack["events"].as_array().unwrap();
    assert_eq!((pack.as_object().unwrap().len(), events.len()), (1, 8), "six visits, two accruals");
    let mut ids = std::collections::BTreeSet::new();
    for event in events {
        let body = &event["body"];
        let version = event["version"].as_str().unwrap();
        assert!(version.len() == 64 && version.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert!(["visit", "accrual"].contains(&event["entity"].as_str().unwrap()));
        assert!(
            event["time"]
                .as_i64()
                .is_some_and(|time| (1_780_000_000..1_800_000_000).contains(&time))
        );
        assert_eq!(event["organisation_bin"], BIN);
        assert_eq!(event["sender_bin"], "000000000001");
        assert_eq!(body["action"], "create");
        if event["entity"] == "visit" {
            for name in ["lesson_start", "arrival"] {
                assert!(body[name].as_str().unwrap().ends_with("+05:00"), "{body}");
            }
        }
        assert!(ids.insert((event["entity"].to_string(), body["id"].to_string())), "{body}");
    }
}
