//! A file is taken whole or not at all, and the same file again changes nothing.

use std::path::PathBuf;

use clap::Parser;
use ledger::{Snapshot, Tiyn};
use paper::{Cell, Worksheet, write_spreadsheet};

use super::*;
use crate::audit::tests::world::{ORIGIN, snapshot};

const QUIET: Console = Console { json: false };
const BIN: &str = "000000000002";

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: ImportCommand,
}

/// A server without children and contracts.
struct Office {
    dir: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let office = Self { dir: tempfile::tempdir().unwrap() };
        let snapshot = Snapshot { contracts: Vec::new(), ..snapshot() };
        let district = District { origin: ORIGIN.to_owned(), snapshot, people: Vec::new() };
        let made = host::runtime().unwrap().block_on(async {
            server::init(&office.path("data"), &district, ServerClock::system()).await
        });
        made.unwrap();
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn import(&self, kind: &str, table: &str, more: &[&str]) -> Exit {
        std::fs::write(self.path("table"), table).unwrap();
        self.import_file(kind, more)
    }

    fn import_file(&self, kind: &str, more: &[&str]) -> Exit {
        let [table, data] = ["table", "data"].map(|name| self.path(name).display().to_string());
        let mut line = vec!["qatysu", kind, &table, "--data", &data];
        line.extend(more);
        let parsed = Line::try_parse_from(&line).unwrap_or_else(|why| panic!("{why}"));
        run(&parsed.command, QUIET).unwrap()
    }

    fn district(&self) -> District {
        host::runtime().unwrap().block_on(async {
            let server = Server::open(&self.path("data"), ServerClock::system()).await.unwrap();
            server.district().await.unwrap()
        })
    }

    /// Two children, who got their pseudonyms.
    fn with_children() -> Self {
        let office = Self::new();
        let assigned = office.path("assigned.csv").display().to_string();
        let table = "ФИО;ИИН\nӘлия Қыдырәлі;990101500016\nДаниил Ким;990201500032\n";
        let exit = office.import("children", table, &["--assigned", &assigned]);
        assert_eq!(exit, Exit::Fine);
        office
    }
}

#[test]
fn children_get_pseudonyms_and_their_numbers_stay_in_the_file_of_assignments() {
    let office = Office::with_children();
    let district = office.district();
    let mut names: Vec<_> = district.people.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!((names, district.snapshot.version), (vec!["Даниил Ким", "Әлия Қыдырәлі"], 2));
    let assigned = std::fs::read_to_string(office.path("assigned.csv")).unwrap();
    let aliya = district.people.iter().find(|one| one.name.starts_with("Әлия")).unwrap();
    assert!(assigned.contains(&format!("{},990101500016,", aliya.child)), "{assigned}");
    assert!(!format!("{district:?}").contains("990101500016"));
    // The file of assignments is a file to import: with pseudonyms, nothing changes.
    std::fs::copy(office.path("assigned.csv"), office.path("table")).unwrap();
    assert_eq!(office.import_file("children", &[]), Exit::Fine);
    assert_eq!(office.district().snapshot.version, 2);
    // Another name of a known child is a change; the same name without a pseudonym is refused.
    let renamed = format!("child,name\n{},Әлия Серікқызы\n", aliya.child);
    assert_eq!(office.import("children", &renamed, &[]), Exit::Fine);
    assert_eq!(office.import("children", "name\nӘлия Серікқызы\n", &[]), Exit::Refused);
    assert_eq!(office.import("children", "name,child\nӘлия Серікқызы,жаңа\n", &[]), Exit::Fine);
    assert_eq!(office.district().people.len(), 3);
}

#[test]
fn one_wrong_row_and_nothing_is_taken() {
    let office = Office::with_children();
    let before = format!("{:?}", office.district());
    let wrong_iin = "name,iin\nА,990101500704\nБ,990101500017\n";
    assert_eq!(office.import("children", wrong_iin, &[]), Exit::Refused);
    let groups = format!(
        "provider_bin,group,weekdays,start,minutes\n{BIN},A,пн,16:00,60\n{BIN},B,пн,25:00,60\n"
    );
    assert_eq!(office.import("groups", &groups, &[]), Exit::Refused);
    assert_eq!(office.import("groups", "provider_bin,group\n1,A\n", &[]), Exit::Refused);
    assert_eq!(
        office.import("schedules", "group,weekdays,start,minutes\nNone,пн,16:00,60\n", &[]),
        Exit::Refused
    );
    assert_eq!(format!("{:?}", office.district()), before);
}

#[test]
fn groups_and_schedules_are_taken_once() {
    let office = Office::new();
    let groups = format!("БИН;Группа;Дни;Начало;Минуты\n{BIN};Шахмат;дс ср;9:00;45\n");
    assert_eq!(office.import("groups", &groups, &["--dry-run"]), Exit::Fine);
    assert_eq!(office.district().snapshot.groups.len(), 1);
    assert_eq!(office.import("groups", &groups, &[]), Exit::Fine);
    assert_eq!(office.import("groups", &groups, &[]), Exit::Fine);
    let district = office.district();
    assert_eq!((district.snapshot.groups.len(), district.snapshot.version), (2, 2));
    let schedule = "group,weekdays,start,minutes\nШахмат,tue thu,17:30,60\n";
    assert_eq!(office.import("schedules", schedule, &[]), Exit::Fine);
    let district = office.district();
    let group = district.snapshot.groups.iter().find(|group| group.name == "Шахмат").unwrap();
    assert_eq!((group.start.as_str(), group.minutes, group.weekdays.len()), ("17:30", 60, 2));
}

#[test]
fn capacity_of_a_group_is_taken_kept_and_taken_away() {
    let office = Office::new();
    let row = |header: &str, cell: &str| {
        format!("БИН;Группа;Дни;Начало;Минуты{header}\n{BIN};Шахмат;дс ср;9:00;45{cell}\n")
    };
    let capacity = || {
        let district = office.district();
        district.snapshot.groups.iter().find(|group| group.name == "Шахмат").unwrap().capacity
    };
    assert_eq!(office.import("groups", &row(";Мест", ";12"), &[]), Exit::Fine);
    assert_eq!(capacity(), Some(12));
    assert_eq!(office.import("groups", &row("", ""), &[]), Exit::Fine);
    assert_eq!(office.import("groups", &row(";Орын саны", ";"), &[]), Exit::Fine);
    assert_eq!(capacity(), Some(12));
    assert_eq!(office.import("groups", &row(";capacity", ";-1"), &[]), Exit::Refused);
    assert_eq!(office.import("groups", &row(";capacity", ";0"), &[]), Exit::Fine);
    assert_eq!(capacity(), None);
}

#[test]
fn vouchers_come_from_a_spreadsheet_and_name_children_by_number_or_pseudonym() {
    let office = Office::with_children();
    let assigned = office.path("assigned.csv").display().to_string();
    let daniil = office.district();
    let daniil = daniil.people.iter().find(|one| one.name.starts_with("Даниил")).unwrap();
    let header = ["Номер ваучера", "ИИН", "Группа", "Сумма", "С", "По"].map(str::to_owned);
    let text = |text: &str| Cell::Text(text.to_owned());
    let row = |number: &str, child: &str| {
        let sum = Cell::Hundredths(12_000_001);
        vec![
            text(number),
            text(child),
            text("Robotics"),
            sum,
            text("14.09.2026"),
            text("2026-12-31"),
        ]
    };
    let rows = vec![row("V-1", "990101500016"), row("V-2", &daniil.child.to_string())];
    let table = Worksheet { title: "t".into(), header: header.into(), rows };
    std::fs::write(office.path("table"), write_spreadsheet(&table).unwrap()).unwrap();
    assert_eq!(office.import_file("vouchers", &[]), Exit::Refused, "the numbers are not known");
    let more = ["--children", &*assigned];
    assert_eq!(office.import_file("vouchers", &[&more[..], &["--dry-run"]].concat()), Exit::Fine);
    assert_eq!(office.district().snapshot.contracts.len(), 0);
    for _ in 0..2 {
        assert_eq!(office.import_file("vouchers", &more), Exit::Fine);
        let snapshot = office.district().snapshot;
        assert_eq!((snapshot.contracts.len(), snapshot.version), (2, 3));
        assert!(snapshot.contracts.iter().all(|one| one.total_tiyn == Tiyn(12_000_001)));
    }
}

#[test]
fn wrong_vouchers_are_told_row_by_row_in_every_language() {
    let office = Office::with_children();
    let district = office.district();
    let child = district.people[0].child;
    let table = format!(
        "voucher_number,child,group,sum,from,to\n\
         V-1,{child},Robotics,100,2026-09-01,2026-12-31\n\
         V-1,{child},Robotics,100,2026-09-01,2026-12-31\n\
         V-2,{child},Chess,100,2026-09-01,2026-12-31\n\
         V-3,{child},Robotics,0,2026-09-01,2026-12-31\n\
         V-4,{child},Robotics,100,2026-12-31,2026-09-01\n\
         V-5,{child},Robotics,100,2026-09-01,2027-05-31\n\
         V-6,{other},Robotics,100,2026-09-01,2026-12-31\n\
         ,{child},Robotics,100,2026-09-01,2026-12-31\n\
         V-8,{child},Robotics,100,tomorrow,2026-12-31\n",
        other = "ab".repeat(12)
    );
    let rows = TableKind::Vouchers.read(table.as_bytes()).unwrap();
    let mut changed = district;
    let none = ChildNumbers::new();
    let taken = TableKind::Vouchers.take(&rows, &mut changed, &none, &|_, _| {});
    let told: Vec<_> = taken.refused.iter().map(|note| (note.row, note.said.code())).collect();
    let expected = [
        (3, "voucher-twice"),
        (4, "group-unknown"),
        (5, "cell-no-sum"),
        (6, "voucher-backwards"),
        (7, "voucher-two-years"),
        (8, "child-unknown"),
        (9, "cell-empty"),
        (10, "cell-no-day"),
    ];
    assert_eq!(told, expected);
    let [kk, ru, en] = Lang::ALL.map(|lang| taken.refused[1].in_words(&Words::of(lang)));
    assert!(kk.starts_with("4-жол: «Chess» тобы жоқ"), "{kk}");
    assert!(ru.starts_with("строка 4: группы «Chess» нет"), "{ru}");
    assert!(en.starts_with("row 4: there is no group “Chess”"), "{en}");
    assert_eq!(office.import("vouchers", &table, &["--lang", "ru"]), Exit::Refused);
}
