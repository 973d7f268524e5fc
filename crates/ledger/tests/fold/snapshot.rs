//! The snapshot: one form, and nothing half right.

use ledger::{Snapshot, SnapshotError, Tiyn, Weekday};

use crate::fixture::*;

fn refusal(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut changed = snapshot();
    change(&mut changed);
    let json = changed.to_canonical_json();
    Snapshot::parse(&json).unwrap_err().to_string()
}

#[test]
fn has_one_form_whatever_the_order() {
    let one = snapshot();
    let mut other = one.clone();
    other.contracts.reverse();
    other.providers.reverse();
    other.groups.reverse();
    other.groups[1].weekdays.reverse();
    assert_eq!(one.to_canonical_json(), other.to_canonical_json());
    assert_eq!(one.hash(), other.hash());
    assert_eq!(Snapshot::parse(&one.to_canonical_json()).unwrap(), one);
    assert!(one.to_canonical_json().contains(r#""weekdays":["mon","wed","fri"]"#));
}

#[test]
fn names_the_field_that_is_wrong() {
    let refusals = [
        (refusal(|s| s.version = 0), "version"),
        (refusal(|s| s.providers.push(s.providers[0].clone())), "providers.id"),
        (refusal(|s| s.groups.push(s.groups[0].clone())), "groups.id"),
        (refusal(|s| s.contracts[1].voucher = s.contracts[0].voucher), "contracts.voucher"),
        (refusal(|s| s.contracts[1].number = s.contracts[0].number.clone()), "contracts.number"),
        (refusal(|s| s.params.push(s.params[0].clone())), "params.effective_from"),
        (refusal(|s| s.issuer.bin = "99099000001".to_owned()), "bin"),
        (refusal(|s| s.groups[0].provider.0[0] ^= 1), "groups.provider"),
        (refusal(|s| s.groups[0].weekdays.push(Weekday::Mon)), "groups.weekdays"),
        (refusal(|s| s.groups[0].start = "4 pm".to_owned()), "groups.start"),
        (refusal(|s| s.groups[0].start = "24:00".to_owned()), "groups.start"),
        (refusal(|s| s.groups[0].start = "23:30".to_owned()), "groups.minutes"),
        (refusal(|s| s.groups[0].capacity = Some(0)), "groups.capacity"),
        (refusal(|s| s.contracts[0].group.0[0] ^= 1), "contracts.group"),
        (refusal(|s| s.contracts[0].provider = BARYS), "contracts.provider"),
        (refusal(|s| s.contracts[0].to = date("2026-09-13")), "contracts.to"),
        (refusal(|s| s.contracts[0].to = date("2027-01-01")), "contracts.to"),
        (refusal(|s| s.contracts[0].total_tiyn = Tiyn(-1)), "contracts.total_tiyn"),
        (refusal(|s| s.params[0].effective_from = date("2026-09-02")), "contracts.from"),
        (refusal(|s| s.params[0].excused_cap_percent = 101), "params.excused_cap_percent"),
    ];
    for (message, field) in refusals {
        assert!(message.contains(field), "{field}: {message}");
    }
}

#[test]
fn refuses_fields_it_does_not_know() {
    let json = snapshot().to_canonical_json();
    let with_name = json.replacen(r#""child":"#, r#""child_name":"A","child":"#, 1);
    assert!(matches!(Snapshot::parse(&with_name), Err(SnapshotError::Malformed(_))));
    assert!(Snapshot::parse("").is_err());
}

#[test]
fn plans_lessons_alike_for_everybody() {
    let snapshot = snapshot();
    let lessons = snapshot.lessons(september());
    assert_eq!(lessons.len(), 13 + 9);
    assert!(lessons.is_sorted_by_key(|lesson| lesson.start_ms));
    let first = lessons[0];
    assert_eq!((first.day, first.group), (date("2026-09-01"), JUDO));
    assert_eq!(ledger::local_ms(first.day, 18 * 60 + 30), Some(first.start_ms));
    assert_eq!(first.end_ms - first.start_ms, 60 * MINUTE);
    assert_eq!(snapshot.lessons_on(first.day), [first]);
    for near in ["2026-08", "2026-09", "2026-10"] {
        assert_eq!(snapshot.lesson(first.id, near.parse().unwrap()), Some(first));
    }
    assert_eq!(snapshot.lesson(first.id, "2026-11".parse().unwrap()), None);
}
