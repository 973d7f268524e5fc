//! A parcel from a device that reaches no server, carried by a stranger.

use attendance::{EventKind, Role, UnverifiedEvent};
use carriage::{Parcel, ParcelSecret, SignedParcelAnswer};
use device::MadeParcel;
use ledger::Lesson;
use sync_api::{PARCEL_ANSWER_MEDIA_TYPE, ProblemKind};
use system_tests::{Answer, Pen, Phone, Town, district, grant};

const LIMIT: usize = 60_000;

fn first_lesson() -> Lesson {
    district::lessons(district::CHESS)[0]
}

/// A teacher's device with four events, which never reaches its server again.
async fn offline_teacher(town: &Town) -> Phone {
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher
}

async fn parcel(phone: &Phone, random: u8) -> MadeParcel {
    let made = phone.shell.device().with(move |device| device.make_parcel(LIMIT, [random; 32]));
    made.await.expect("a parcel is made").expect("something waits")
}

/// Brings a parcel to the server without a token, as anybody may.
async fn bring(town: &Town, bytes: &[u8]) -> Answer {
    let name = Parcel::name(bytes);
    town.wire().put_bytes(&format!("parcel/{name}"), bytes.to_vec()).await
}

async fn take(phone: &Phone, answer: Vec<u8>) -> device::TakenAnswer {
    let taken = phone.shell.device().with(move |device| device.take_answer(&answer));
    taken.await.expect("the answer holds")
}

/// What a tablet puts into its chain at its enrolment.
const SIGNED_TIME: i64 = 1;

#[tokio::test]
async fn a_parcel_comes_to_receipts_without_any_connection_of_its_device() {
    let town = Town::found().await;
    let teacher = offline_teacher(&town).await;
    let made = parcel(&teacher, 1).await;
    let answer = bring(&town, &made.bytes).await;
    assert_eq!((answer.status, &*answer.media_type), (200, PARCEL_ANSWER_MEDIA_TYPE));
    assert_eq!(town.count("event"), SIGNED_TIME + 4);

    let taken = take(&teacher, answer.body.clone()).await;
    assert_eq!((taken.taken, taken.parked, taken.receipted), (4, 0, 4));
    let status = teacher.status().await;
    assert_eq!((status.not_receipted, status.alarms), (0, 0));
    // Same bytes, same answer, however often and by whomever; and nothing is doubled.
    town.set_clock(first_lesson().start_ms + 3_600_000);
    assert_eq!(bring(&town, &made.bytes).await.body, answer.body);
    let again = town.wire().get(&format!("parcel/{}/answer", made.name), None).await;
    assert_eq!(again.body, answer.body);
    assert_eq!((town.count("event"), town.count("parcel")), (SIGNED_TIME + 4, 1));
}

#[tokio::test]
async fn a_second_parcel_with_the_same_events_doubles_nothing() {
    let town = Town::found().await;
    let teacher = offline_teacher(&town).await;
    // Two couriers, and then the device finds a network itself.
    let (one, two) = (parcel(&teacher, 1).await, parcel(&teacher, 2).await);
    assert_ne!(one.name, two.name);
    bring(&town, &one.bytes).await;
    let second = bring(&town, &two.bytes).await;
    assert_eq!(town.count("event"), SIGNED_TIME + 4);
    teacher.sync().await.receipted(4);
    let late = take(&teacher, second.body).await;
    assert_eq!((late.taken, late.receipted), (4, 0));
    assert_eq!(teacher.status().await.alarms, 0);
}

#[tokio::test]
async fn a_carrier_sees_no_event_no_child_and_no_lesson() {
    let town = Town::found().await;
    let teacher = offline_teacher(&town).await;
    let made = parcel(&teacher, 1).await;
    let answer = bring(&town, &made.bytes).await.body;
    let device = teacher.shell.device().with(|device| device.id()).await;
    let at = made.bytes.windows(device.0.len()).position(|window| window == device.0);
    let at = at.expect("the sender is in the clear, so looking finds things");
    // The sender's id is in each event too: what is looked through is all the rest.
    let sealed = made.bytes.split_at(at + device.0.len()).1;
    for (name, carried) in [("parcel", sealed), ("answer", &answer)] {
        let holds = |what: &[u8]| carried.windows(what.len()).any(|window| window == what);
        for child in 1..=3 {
            assert!(!holds(&district::child(child).0), "a child is in the {name}");
            assert!(!holds(&district::voucher(child).0), "a voucher is in the {name}");
        }
        assert!(!holds(&first_lesson().id.0), "the lesson is in the {name}");
        for (hash, bytes) in teacher.events().await {
            assert!(!holds(&hash.0), "the name of an event is in the {name}");
            // A signed time has an envelope of the log inside, and so has the answer.
            let event = UnverifiedEvent::parse(&bytes).expect("an own event");
            if event.event().kind == EventKind::TimeAnchor {
                continue;
            }
            // Every COSE_Sign1 opens with the same bytes, also the answer's.
            let own = bytes.split_at(14).1;
            // An opening names the log's root, and the answer's checkpoint has it too: it is nobody's.
            let root = event.event().evidence;
            let at = root.and_then(|root| own.windows(32).position(|part| part == root.0));
            let (before, after) = at.map_or((own, &[][..]), |at| (&own[..at - 2], &own[at + 32..]));
            for part in before.windows(8).chain(after.windows(8)) {
                assert!(!holds(part), "{part:x?} of an event is in the {name}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_not_packed_by_an_enrolled_device_leaves_no_trace() {
    let town = Town::found().await;
    let teacher = offline_teacher(&town).await;
    let made = parcel(&teacher, 1).await;
    let before = (town.count("parked"), town.count("parcel"), town.count("batch"));

    let mut broken = made.bytes.clone();
    *broken.last_mut().expect("bytes") ^= 1;
    let refused = bring(&town, &broken).await.problem();
    assert_eq!(refused.kind, ProblemKind::Malformed);
    let elsewhere = format!("parcel/{}", seal::sha256(b"other"));
    let misnamed = town.wire().put_bytes(&elsewhere, made.bytes.clone()).await.problem();
    assert_eq!(misnamed.kind, ProblemKind::Malformed);

    // Somebody who knows the server's key, and seals what he likes in the teacher's name, or his own.
    let key = teacher.shell.device().with(|device| device.parcel_key()).await;
    let key = key.expect("readable").expect("it came with the enrolment");
    let stranger = Pen::new(77);
    let contents = carriage::ParcelContents {
        format: carriage::BATCH_FORMAT.to_owned(),
        batch: system_tests::batch_of([b"no event".as_slice()]),
        known_size: None,
    };
    let contents = contents.sign(stranger.key()).expect("it signs");
    let device = teacher.shell.device().with(|device| device.id()).await;
    for (sender, kind) in
        [(device, ProblemKind::Malformed), (stranger.device(), ProblemKind::NotRecognised)]
    {
        let forged = Parcel::seal(sender, 1, &contents, &key, [9; 32]).expect("it seals");
        assert_eq!(bring(&town, &forged.to_bytes()).await.problem().kind, kind);
    }
    // For another server's key.
    let other = ParcelSecret::from_seed(&[1; 32]).public();
    let other = Parcel::seal(device, 1, &contents, &other, [9; 32]).expect("it seals");
    assert_eq!(bring(&town, &other.to_bytes()).await.problem().kind, ProblemKind::Malformed);
    assert_eq!((town.count("parked"), town.count("parcel"), town.count("batch")), before);
    let unknown = format!("parcel/{}/answer", made.name);
    let unknown = town.wire().get(&unknown, None).await.problem();
    assert_eq!(unknown.kind, ProblemKind::NotFound);
}

#[tokio::test]
async fn a_parcel_that_came_too_early_is_judged_anew_when_it_comes_again() {
    let town = Town::found().await;
    let teacher = offline_teacher(&town).await;
    let first = parcel(&teacher, 1).await;
    // The second begins where the first ended, as if the first had arrived, and comes before it.
    let events = teacher.events().await;
    let (device, key) =
        teacher.shell.device().with(|device| (device.id(), device.parcel_key())).await;
    let key = key.expect("readable").expect("it is here");
    let late: Vec<&[u8]> = events.iter().skip(2).map(|(_, bytes)| &**bytes).collect();
    let contents = carriage::ParcelContents {
        format: carriage::BATCH_FORMAT.to_owned(),
        batch: system_tests::batch_of(late),
        known_size: None,
    };
    let signing = teacher.shell.device().with(move |device| {
        let payload = contents.payload();
        device.sign(carriage::CONTENTS_DOMAIN, payload).expect("the key signs")
    });
    let second = Parcel::seal(device, 2, &signing.await, &key, [5; 32]).expect("it seals");
    let early = bring(&town, &second.to_bytes()).await;
    assert_eq!(early.status, 200);
    assert_eq!(town.count("event"), SIGNED_TIME);
    let name = SignedParcelAnswer::parse(&early.body).expect("an answer").unverified_parcel();
    assert_eq!(name, Parcel::name(&second.to_bytes()));
    bring(&town, &first.bytes).await;
    let again = bring(&town, &second.to_bytes()).await;
    assert_ne!(again.body, early.body, "a gap is `not yet`, and not for ever");
    assert_eq!(town.count("event"), SIGNED_TIME + 4);
}

#[tokio::test]
async fn the_key_stays_over_a_restart_and_a_rebuilt_server_makes_another() {
    let mut town = Town::found().await;
    let teacher = offline_teacher(&town).await;
    let made = parcel(&teacher, 1).await;
    town.stop_server().await;
    town.start_server().await;
    assert_eq!(bring(&town, &made.bytes).await.status, 200);
    town.stop_server().await;
    std::fs::remove_file(town.server_dir().join("keys/parcel.key")).expect("the key file");
    town.start_server().await;
    let again = parcel(&teacher, 2).await;
    assert_eq!(bring(&town, &again.bytes).await.problem().kind, ProblemKind::Malformed);
    teacher.sync().await.done();
    // Nothing waits: the direct way took it all, and brought the new key.
    let coordinator = town.enrol(&grant(Role::Coordinator, "Coordinator"), &town.address()).await;
    let keys = [&teacher, &coordinator].map(|phone| phone.shell.device().clone());
    let [one, two] = keys.map(|device| async move {
        device.with(|device| device.parcel_key()).await.expect("readable")
    });
    assert_eq!(one.await, two.await);
}
