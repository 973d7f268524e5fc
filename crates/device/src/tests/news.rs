//! News that one device hands on to another.

use attendance::{Revocation, RevocationList, RevocationReason, StatusDelta, StatusList};

use super::*;
use crate::{Heard, News};

const NOW_S: i64 = START_MS / 1_000;

fn list(version: u32, revoked: &[u32]) -> StatusList {
    StatusList::new(version, NOW_S, ORIGIN, revoked.iter().copied())
}

fn whole(list: &StatusList) -> Vec<u8> {
    list.sign(&key(STATUS)).unwrap()
}

fn change(from: &StatusList, to: &StatusList) -> Vec<u8> {
    StatusDelta::between(from, to).unwrap().sign(&key(STATUS)).unwrap()
}

fn revocations(version: u8) -> Vec<u8> {
    let entry = |number| Revocation {
        device: DeviceId([number; 8]),
        at_ms: START_MS,
        events: 0,
        reason: RevocationReason::Lost,
        replaced_by: None,
    };
    RevocationList::of((0..version).map(entry).collect()).sign(&key(CA)).unwrap()
}

/// A device that has heard it all, by a whole list of revoked cards and two changes.
fn well_informed(district: &District) -> Device {
    let mut device = district.coordinator();
    let [first, second, third] = [list(3, &[7]), list(4, &[1, 7]), list(6, &[1, 7, 9])];
    device.install_trust_list(&trust_list(6)).unwrap();
    device.install_revocations(&revocations(2)).unwrap();
    device.install_status_list(&whole(&first)).unwrap();
    device.apply_status_delta(&change(&first, &second)).unwrap();
    device.apply_status_delta(&change(&second, &third)).unwrap();
    TestLog::new().shown_to(&mut device).unwrap();
    device
}

#[test]
fn device_that_knows_nothing_hears_all_and_verifies_it() {
    let district = District::new();
    let (informed, mut tablet) = (well_informed(&district), district.teacher());
    let news = informed.news_since(tablet.heard().unwrap()).unwrap();
    assert_eq!((news.status_list.is_some(), news.status_deltas.len()), (true, 2));
    let told = tablet.hear(&news).unwrap();
    assert_eq!((told.lists, told.refused), (3, None));
    assert_eq!(tablet.heard().unwrap(), informed.heard().unwrap());
    assert_eq!(tablet.status_list(), informed.status_list());
    // Nothing is told twice, and who has heard it hands it on.
    assert_eq!(informed.news_since(tablet.heard().unwrap()).unwrap(), News::default());
    assert_eq!(
        tablet.news_since(Heard::default()).unwrap(),
        informed.news_since(Heard::default()).unwrap()
    );
    drop(tablet);
    let again = district.open(TEACHER).unwrap();
    assert_eq!(again.heard().unwrap(), informed.heard().unwrap());
}

#[test]
fn who_has_one_of_the_versions_hears_the_changes_since_alone() {
    let district = District::new();
    let informed = well_informed(&district);
    let theirs = Heard { status_version: 4, ..Heard::default() };
    let news = informed.news_since(theirs).unwrap();
    assert_eq!((news.status_list, news.status_deltas.len()), (None, 1));
    let theirs = Heard { status_version: 5, ..Heard::default() };
    let news = informed.news_since(theirs).unwrap();
    assert_eq!((news.status_list.is_some(), news.status_deltas.len()), (true, 2));
}

#[test]
fn what_does_not_hold_is_refused_and_keeps_nobody_from_the_rest() {
    let district = District::new();
    let (informed, mut tablet) = (well_informed(&district), district.teacher());
    let honest = informed.news_since(tablet.heard().unwrap()).unwrap();
    let stranger = key(99);
    let forged = News {
        trust_list: Some(certificate(TEACHER, Role::Teacher)),
        status_list: Some(list(9, &[1]).sign(&stranger).unwrap()),
        status_deltas: Vec::new(),
        checkpoint: Some(TestLog::new().note_by(&stranger)),
        revocations: honest.revocations.clone(),
    };
    let told = tablet.hear(&forged).unwrap();
    assert_eq!(told.lists, 1, "the one that holds");
    assert!(told.refused.is_some());
    assert_eq!((tablet.heard().unwrap().trust_version, tablet.status_list()), (5, None));
    assert_eq!(tablet.status().unwrap().alarms, 0, "it is no evidence against the server");
    // Nor does an older list take the place of a newer one.
    tablet.hear(&honest).unwrap();
    let older = News { status_list: Some(whole(&list(2, &[]))), ..News::default() };
    assert!(tablet.hear(&older).unwrap().refused.is_some());
    assert_eq!(tablet.status_list().map(|list| list.version), Some(6));
}

#[test]
fn checkpoint_of_another_history_is_found_out_at_the_next_contact() {
    let district = District::new();
    let mut tablet = district.teacher();
    let mut log = TestLog::new();
    log.push_each(0..4, "a leaf");
    log.shown_to(&mut tablet).unwrap();
    let size = tablet.status().unwrap().log_size;
    // What somebody else was shown: more leaves, of another history.
    let mut other = TestLog::new();
    other.push_each(0..9, "another leaf");
    let told = tablet.hear(&News { checkpoint: Some(other.note()), ..News::default() }).unwrap();
    assert_eq!(told.refused, None);
    assert_eq!(tablet.status().unwrap().log_size, size, "heard of, it counts for nothing yet");
    assert_eq!(tablet.unlinked().unwrap(), [other.note()]);
    log.push_each(4..9, "a leaf");
    let shown = log.shown_to(&mut tablet);
    assert!(shown.is_err(), "one size, two roots");
    assert_eq!(tablet.alarms().unwrap()[0].code, AlarmCode::TwoHistories);
}

#[test]
fn checkpoint_of_the_same_history_is_linked_at_the_next_contact() {
    let district = District::new();
    let mut tablet = district.teacher();
    let mut log = TestLog::new();
    log.shown_to(&mut tablet).unwrap();
    log.push_each(0..5, "a leaf");
    let heard = log.note();
    tablet.hear(&News { checkpoint: Some(heard.clone()), ..News::default() }).unwrap();
    log.push_each(5..7, "a leaf");
    log.shown_to(&mut tablet).unwrap();
    assert_eq!(tablet.unlinked().unwrap(), std::slice::from_ref(&heard));
    log.note_shown_to(&mut tablet, &heard).unwrap();
    assert_eq!(tablet.unlinked().unwrap(), [""; 0]);
    assert_eq!(tablet.status().unwrap().alarms, 0);
}
