//! A roster in pieces, with servers that change their mind, that lie, and that are of an earlier release.

use std::sync::atomic::{AtomicUsize, Ordering};

use attendance::Roster;
use seal::Hash;
use sync_api::{COSE_MEDIA_TYPE, ROSTER_PIECE_MEDIA_TYPE, RosterPiece};
use sync_client::{Answer, Call, SyncError};
use system_tests::{CrookedWay, Crowd, LossyProxy, Phone, Town};

const CROWD: Crowd = Crowd { children: 210 };

async fn town() -> Town {
    let town = Town::found_for(&CROWD.district()).await;
    let _cards = CROWD.cards(&town).await;
    town
}

/// A tablet that has no roster yet.
async fn enrolled(town: &Town) -> Phone {
    let phone = town.new_phone();
    let ticket = town.ticket(&CROWD.tablet(), &town.address()).await.to_text();
    phone.shell.enrol(&ticket).await.expect("the tablet is enrolled");
    phone
}

async fn version(phone: &Phone) -> Option<u32> {
    phone.shell.device().with(|device| device.roster().map(|roster| roster.version)).await
}

async fn kept(phone: &Phone) -> Option<(Hash, u32)> {
    let coming = phone.shell.device().with(|device| device.roster_coming()).await;
    coming.expect("it is readable").map(|coming| (coming.name, coming.kept))
}

/// Makes of each piece what `lie` makes of it, by its number from 0 on.
fn lying(lie: impl Fn(usize, RosterPiece) -> Option<RosterPiece> + Send + Sync + 'static) -> Lying {
    let number = AtomicUsize::new(0);
    CrookedWay::answering(move |_, answer| {
        if answer.media_type != ROSTER_PIECE_MEDIA_TYPE {
            return Some(answer);
        }
        let piece = RosterPiece::parse(&answer.body).expect("a piece");
        let said = lie(number.fetch_add(1, Ordering::SeqCst), piece)?;
        Some(Answer { body: said.to_bytes(), ..answer })
    })
}

type Lying = std::sync::Arc<CrookedWay>;

fn pieces(way: &CrookedWay) -> usize {
    way.asked().iter().filter(|place| place.starts_with("delta/roster/")).count()
}

#[tokio::test]
async fn changed_roster_is_begun_anew_and_the_old_one_is_in_force_until_then() {
    let town = town().await;
    let tablet = enrolled(&town).await;
    tablet.sync().await.done();
    let first = version(&tablet).await.expect("a roster");
    CROWD.another_card(&town, 1).await;
    let broken = lying(|number, piece| (number < 2).then_some(piece));
    assert!(matches!(broken.sync(&tablet.shell).await, Err(SyncError::Offline(_))));
    let (name, bytes) = kept(&tablet).await.expect("a part is here");
    assert_eq!(version(&tablet).await, Some(first), "the old one is in force");

    // It changes once more before the rest is fetched: the part that is here is of no use any more.
    CROWD.another_card(&town, 2).await;
    let one_more = lying(|number, piece| (number < 1).then_some(piece));
    assert!(matches!(one_more.sync(&tablet.shell).await, Err(SyncError::Offline(_))));
    assert_eq!(one_more.asked()[1..2], [format!("delta/roster/{first}/{name}/{bytes}")]);
    let (other, rest) = kept(&tablet).await.expect("a part is here");
    assert!(other != name && rest < bytes, "the first piece of the new one");
    assert_eq!(version(&tablet).await, Some(first));

    // The server is started again: it goes on where the one before it was.
    let mut town = town;
    town.stop_server().await;
    town.start_server().await;
    let honest = lying(|_, piece| Some(piece));
    honest.sync(&tablet.shell).await.expect("it goes through");
    assert!(honest.asked().contains(&format!("delta/roster/{first}/{other}/{rest}")));
    assert!(version(&tablet).await > Some(first));
    assert_eq!(kept(&tablet).await, None);
}

#[tokio::test]
async fn lying_server_gets_no_roster_in_and_costs_no_more_than_its_pieces() {
    let town = town().await;
    let tablet = enrolled(&town).await;

    // A byte of a piece is changed: the whole has not the name that was said.
    let changed = lying(|number, mut piece| {
        piece.bytes[9] ^= u8::from(number == 1);
        Some(piece)
    });
    let refused = changed.sync(&tablet.shell).await.unwrap_err();
    assert!(matches!(refused, SyncError::Proof(_)), "{refused}");
    assert_eq!((version(&tablet).await, kept(&tablet).await), (None, None));

    // Another roster each time.
    let others = lying(|number, piece| {
        let name = seal::sha256(&number.to_be_bytes());
        Some(RosterPiece { name, at: 0, ..piece })
    });
    let refused = others.sync(&tablet.shell).await.unwrap_err();
    assert!(matches!(refused, SyncError::Foreign(_)), "{refused}");
    assert!(pieces(&others) <= 4, "{:?}", others.asked());

    // A piece of another version among the others.
    let mixed = lying(|number, piece| {
        let version = piece.version + u32::from(number == 2);
        Some(RosterPiece { version, ..piece })
    });
    let refused = mixed.sync(&tablet.shell).await.unwrap_err();
    assert!(matches!(refused, SyncError::Proof(_)), "{refused}");
    assert_eq!(version(&tablet).await, None);

    // Endless tiny pieces.
    let tiny = lying(|_, piece| Some(RosterPiece { bytes: vec![0], ..piece }));
    let refused = tiny.sync(&tablet.shell).await.unwrap_err();
    assert!(matches!(refused, SyncError::Proof(_)), "{refused}");
    assert_eq!(pieces(&tiny), 1);

    // The truth goes through afterwards.
    tablet.sync().await.done();
    assert!(version(&tablet).await.is_some());
}

#[tokio::test]
async fn roster_that_nobody_signed_is_put_away_though_its_pieces_fit() {
    let town = town().await;
    let tablet = enrolled(&town).await;
    tablet.sync().await.done();
    let lesson = CROWD.lessons()[0];
    town.set_clock(lesson.start_ms);
    tablet.open(lesson.id).await;
    let before = tablet.shell.device().with(|device| device.roster().cloned()).await.unwrap();
    let forged = Roster { version: before.version + 1, children: Vec::new(), ..before.clone() };
    let forged = forged.sign(&system_tests::key(99)).expect("a key signs");
    let packed = gzip(&forged);
    CROWD.another_card(&town, 1).await;
    let forger = lying(move |_, piece| {
        let length = u32::try_from(packed.len()).expect("it is short");
        Some(RosterPiece {
            name: seal::sha256(&packed),
            length,
            at: 0,
            bytes: packed.clone(),
            ..piece
        })
    });
    let refused = forger.sync(&tablet.shell).await.unwrap_err();
    assert!(matches!(refused, SyncError::Proof(_)), "{refused}");
    let now = tablet.shell.device().with(|device| device.roster().cloned()).await;
    assert_eq!((now, kept(&tablet).await), (Some(before), None));
    assert_eq!(tablet.status().await.not_receipted, 0, "what was recorded went up all the same");
}

#[tokio::test]
async fn server_of_an_earlier_release_gives_the_whole() {
    let town = town().await;
    let tablet = enrolled(&town).await;
    let before_pieces = |mut call: Call| {
        if let Some((place, _)) =
            call.url.split_once("delta/roster/").filter(|_| call.accept.is_some())
        {
            call.accept = Some(COSE_MEDIA_TYPE);
            if call.url.matches('/').count() > place.matches('/').count() + 2 {
                // It has no such place.
                call.url = format!("{place}delta/no-such-place");
            }
        }
        call
    };
    // Some of it came from a newer server, which was put back to the earlier release.
    let newer = lying(|number, piece| (number < 2).then_some(piece));
    assert!(matches!(newer.sync(&tablet.shell).await, Err(SyncError::Offline(_))));
    assert!(kept(&tablet).await.is_some());
    let older = CrookedWay::new(before_pieces, |_, answer| Some(answer));
    older.sync(&tablet.shell).await.expect("it goes through");
    let children = tablet.shell.device().with(|d| d.roster().map(|r| r.children.len())).await;
    assert_eq!((children, kept(&tablet).await), (Some(210), None));
}

#[tokio::test]
async fn pieces_of_a_device_are_given_to_it_alone() {
    let town = town().await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = town.enrol(&CROWD.tablet(), &network.address).await;
    let asked = network.take_asked();
    let mut pieces = asked.iter().filter_map(|line| line.strip_prefix("GET /v1/delta/roster/"));
    let piece = pieces.rfind(|rest| rest.contains('/')).expect("a later piece").to_owned();
    let family = town.parent_of(CROWD.first_child()).await;
    let token = town.wire().hello(&family.hello().await).await.token;
    let answer = town.wire().get(&format!("delta/roster/{piece}"), Some(&token)).await;
    let given = RosterPiece::parse(&answer.body).expect("a piece");
    assert_eq!(given.at, 0, "the family's own roster, from its beginning");
    assert!(!piece.contains(&given.name.to_string()));
    let nobody = town.wire().get(&format!("delta/roster/{piece}"), None).await;
    assert_eq!(nobody.problem().kind, sync_api::ProblemKind::NotRecognised);
    drop(tablet);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).expect("memory");
    gzip.finish().expect("memory")
}
