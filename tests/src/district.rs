//! A small district: two providers, two groups, four children, from September 2026.

use attendance::{CardId, ChildId, GroupId, ProviderId, VoucherId};
use ledger::{
    Calendar, Contract, FoldEdition, Group, Issuer, Lesson, Month, Params, Provider,
    SNAPSHOT_VERSION, Snapshot, Tiyn, Weekday,
};

/// The name of the district's log.
pub const ORIGIN: &str = "log.qatysu.example/tests/2026";
/// The month that tests close.
pub const MONTH: &str = "2026-09";
/// 2026-09-02T07:00+05:00, in milliseconds since 1970-01-01T00:00Z: the morning of a chess day.
pub const FIRST_MORNING_MS: i64 = 1_788_314_400_000;
/// 2026-09-30T00:00+05:00, in milliseconds since 1970-01-01T00:00Z: the month may be closed.
pub const MAY_CLOSE_MS: i64 = 1_790_708_400_000;
/// A month's part of each voucher.
pub const PART: Tiyn = Tiyn(2_000_000);

/// The chess house; its group meets on Mondays, Wednesdays and Fridays.
pub const CHESS_HOUSE: ProviderId = ProviderId([0xa1; 8]);
/// The judo club; its group meets on Tuesdays and Thursdays.
pub const JUDO_CLUB: ProviderId = ProviderId([0xb2; 8]);
/// The chess group: children 1, 2 and 3.
pub const CHESS: GroupId = GroupId([0x0c; 8]);
/// The judo group: child 4.
pub const JUDO: GroupId = GroupId([0x0d; 8]);
/// The children's names, in the order of their numbers.
pub const NAMES: [&str; 4] = ["Үміт Бірінші", "Нұр Екінші", "Ая Үшінші", "Бек Төртінші"];

/// Names the child with a number from 1.
#[must_use]
pub fn child(number: u8) -> ChildId {
    ChildId([number; 12])
}

/// Names a child's voucher.
#[must_use]
pub fn voucher(number: u8) -> VoucherId {
    VoucherId([0x50 + number; 8])
}

/// Names a child's card.
#[must_use]
pub fn card(number: u8) -> CardId {
    CardId([number, 0xc1, number, 0xc2, number, 0xc3, number, 0xc4])
}

/// Makes the snapshot.
#[must_use]
pub fn snapshot() -> Snapshot {
    let chess_days = [Weekday::Mon, Weekday::Wed, Weekday::Fri];
    let day = |text: &str| text.parse().expect("a date");
    Snapshot {
        version: SNAPSHOT_VERSION,
        issuer: Issuer { bin: "000000000012".to_owned(), name: "Invented akimat".to_owned() },
        providers: vec![
            provider(CHESS_HOUSE, "000000000023", "Invented chess house"),
            provider(JUDO_CLUB, "000000000034", "Invented judo club"),
        ],
        groups: vec![
            group(CHESS, CHESS_HOUSE, &chess_days, "16:00"),
            group(JUDO, JUDO_CLUB, &[Weekday::Tue, Weekday::Thu], "18:30"),
        ],
        contracts: vec![
            contract(1, CHESS, CHESS_HOUSE),
            contract(2, CHESS, CHESS_HOUSE),
            contract(3, CHESS, CHESS_HOUSE),
            contract(4, JUDO, JUDO_CLUB),
        ],
        calendar: Calendar {
            version: 1,
            official_off: vec![day("2026-12-16")],
            transferred_off: Vec::new(),
            working: Vec::new(),
        },
        params: vec![rules()],
        narrower: Vec::new(),
        country: Vec::new(),
        budget: Vec::new(),
        admission: None,
    }
}

/// Makes the rules: those of the first edition of the fold, under which these months were signed.
#[must_use]
pub fn rules() -> Params {
    let from = "2026-09-01".parse().expect("a date");
    Params { fold_edition: FoldEdition::First, ..Params::defaults(from, "2026.1") }
}

/// Gives a group's lessons of [`MONTH`], in order of time.
#[must_use]
pub fn lessons(group: GroupId) -> Vec<Lesson> {
    let month: Month = MONTH.parse().expect("a month");
    let mut lessons = snapshot().lessons(month);
    lessons.retain(|lesson| lesson.group == group);
    lessons
}

fn provider(id: ProviderId, bin: &str, name: &str) -> Provider {
    Provider { id, bin: bin.to_owned(), name: name.to_owned() }
}

fn group(id: GroupId, provider: ProviderId, weekdays: &[Weekday], start: &str) -> Group {
    Group {
        id,
        provider,
        name: format!("Group {id}"),
        weekdays: weekdays.to_vec(),
        start: start.to_owned(),
        minutes: 60,
        capacity: None,
    }
}

fn contract(number: u8, group: GroupId, provider: ProviderId) -> Contract {
    Contract {
        voucher: voucher(number),
        number: format!("TEST-2026-{number:04}"),
        child: child(number),
        group,
        provider,
        total_tiyn: Tiyn(4 * PART.0),
        from: "2026-09-01".parse().expect("a date"),
        to: "2026-12-31".parse().expect("a date"),
        family: None,
        segments: Vec::new(),
    }
}
