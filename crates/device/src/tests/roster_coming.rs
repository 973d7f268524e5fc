//! A roster that comes in pieces, on the device.

use seal::Hash;

use super::{District, RULES, TEACHER, key, roster};
use crate::{ComingPiece, Device, ROSTER_COMING_MAX_BYTES, RosterComing, RosterPieceError};

/// The packed bytes are opaque here.
fn packed(seed: u8) -> Vec<u8> {
    (0..5_000_u32).map(|at| u8::try_from(at % 251).unwrap() ^ seed).collect()
}

fn piece(whole: &[u8], version: u32, range: core::ops::Range<usize>) -> ComingPiece {
    ComingPiece {
        name: seal::sha256(whole),
        version,
        length: u32::try_from(whole.len()).unwrap(),
        at: u32::try_from(range.start).unwrap(),
        bytes: whole[range].to_vec(),
    }
}

fn kept(device: &Device) -> Option<(Hash, u32)> {
    device.roster_coming().unwrap().map(|coming| (coming.name, coming.kept))
}

#[test]
fn pieces_stay_over_a_restart_and_make_the_whole() {
    let district = District::new();
    let (mut device, whole) = (district.teacher(), packed(0));
    let name = seal::sha256(&whole);
    for (at, end) in [(0, 2_000), (2_000, 4_000), (4_000, 5_000)] {
        assert_eq!(device.whole_roster().unwrap(), None, "at {at}");
        let coming = device.keep_roster_piece(&piece(&whole, 2, at..end)).unwrap();
        let expected = u32::try_from(end).unwrap();
        assert_eq!(coming, RosterComing { name, version: 2, length: 5_000, kept: expected });
        assert_eq!(device.roster().unwrap().version, 1, "the one before is in force");
        drop(device);
        device = district.open(TEACHER).unwrap();
        assert_eq!(device.roster_coming().unwrap(), Some(coming));
    }
    assert_eq!(device.whole_roster().unwrap(), Some(whole));
    device.install_roster(&roster(2).sign(&key(RULES)).unwrap()).unwrap();
    assert_eq!(device.roster_coming().unwrap(), None);
}

#[test]
fn piece_of_another_roster_is_never_mixed_in() {
    let district = District::new();
    let (mut device, whole, other) = (district.teacher(), packed(0), packed(1));
    device.keep_roster_piece(&piece(&whole, 2, 0..2_000)).unwrap();
    let wrong = [
        (piece(&other, 2, 2_000..4_000), 0),
        (piece(&whole, 3, 2_000..4_000), 0),
        (ComingPiece { length: 4_999, ..piece(&whole, 2, 2_000..4_000) }, 0),
        (piece(&whole, 2, 3_000..5_000), 2_000),
        (piece(&whole, 2, 0..2_000), 2_000),
    ];
    for (wrong, goes_on_at) in wrong {
        let refused = device.keep_roster_piece(&wrong).unwrap_err();
        let at = wrong.at;
        let place = matches!(refused, RosterPieceError::Place { at: began, expected }
            if began == at && expected == goes_on_at);
        assert!(place, "{refused}");
        assert_eq!(kept(&device), Some((seal::sha256(&whole), 2_000)));
    }
    // The first piece of another one takes the place of all that was here.
    device.keep_roster_piece(&piece(&other, 2, 0..1_500)).unwrap();
    assert_eq!(kept(&device), Some((seal::sha256(&other), 1_500)));
    device.keep_roster_piece(&piece(&other, 2, 1_500..5_000)).unwrap();
    assert_eq!(device.whole_roster().unwrap(), Some(other));
}

#[test]
fn pieces_that_make_something_else_are_put_away() {
    let district = District::new();
    let (mut device, whole) = (district.teacher(), packed(0));
    device.keep_roster_piece(&piece(&whole, 2, 0..2_000)).unwrap();
    let mut changed = piece(&whole, 2, 2_000..5_000);
    changed.bytes[7] ^= 1;
    device.keep_roster_piece(&changed).unwrap();
    let refused = device.whole_roster().unwrap_err();
    assert!(matches!(refused, RosterPieceError::OtherWhole), "{refused}");
    assert_eq!((kept(&device), device.roster().unwrap().version), (None, 1));
}

#[test]
fn what_is_kept_has_bounds() {
    let district = District::new();
    let (mut device, whole) = (district.teacher(), packed(0));
    let length = ROSTER_COMING_MAX_BYTES + 1;
    let wrong = [
        ComingPiece { bytes: vec![], ..piece(&whole, 2, 0..2_000) },
        // Thousands of tiny pieces would be as many rows.
        piece(&whole, 2, 0..100),
        ComingPiece { length: 1_999, ..piece(&whole, 2, 0..2_000) },
        ComingPiece { length, ..piece(&whole, 2, 0..2_000) },
        ComingPiece { at: u32::MAX, ..piece(&whole, 2, 0..2_000) },
    ];
    for wrong in wrong {
        let refused = device.keep_roster_piece(&wrong).unwrap_err();
        assert!(matches!(refused, RosterPieceError::Size), "{refused}");
    }
    let older = device.keep_roster_piece(&piece(&whole, 0, 0..2_000)).unwrap_err();
    assert!(matches!(older, RosterPieceError::Older { version: 0, kept: 1 }), "{older}");
    assert_eq!(kept(&device), None);
    // The last piece may be short.
    device.keep_roster_piece(&piece(&whole, 2, 0..4_999)).unwrap();
    device.keep_roster_piece(&piece(&whole, 2, 4_999..5_000)).unwrap();
    assert_eq!(device.whole_roster().unwrap(), Some(whole));
}

#[test]
fn database_itself_holds_that_pieces_have_no_gap() {
    let district = District::new();
    let (mut device, whole) = (district.teacher(), packed(0));
    device.keep_roster_piece(&piece(&whole, 2, 0..2_000)).unwrap();
    for wrong in [
        "INSERT INTO roster_piece VALUES (2001, x'00')",
        "INSERT INTO roster_piece VALUES (2000, zeroblob(3001))",
        "UPDATE roster_piece SET bytes = x'00'",
    ] {
        assert!(device.db.execute(wrong, []).is_err(), "{wrong}");
    }
    assert_eq!(kept(&device).map(|(_, kept)| kept), Some(2_000));
}
