//! What does not hold is refused by its name, and two histories stop everything.

use seal::sha256;
use server::rebuild::{Order, Published, RebuildError, Source};
use sync_api::{Base64, DeviceExport, ReceiptFile, SignedExport};
use system_tests::{Town, district};
use tlog::{Checkpoint, sign_note};

use super::{HalfMonth, export, first_lesson, rebuild, saved_receipts, size_of};

#[tokio::test]
async fn spoilt_foreign_and_strange_sources_are_refused_by_name() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(true).await;
    let other = Town::found().await;
    let stranger = other.teacher().await;
    stranger.open(first_lesson().id).await;
    stranger.sync().await.receipted(1);

    let good = export(&scene.teacher, "teacher.export").await;
    let mut spoilt = Source { name: "spoilt.export".to_owned(), ..good.clone() };
    let middle = spoilt.bytes.len() / 2;
    spoilt.bytes[middle] ^= 1;
    let mut foreign = saved_receipts(&stranger).await.remove(0);
    foreign.name = "foreign.receipt.json".to_owned();
    // A receipt of our log, for other bytes than it was given for.
    let mut forged = saved_receipts(&scene.first).await.remove(0);
    let (_, wrong) = scene.first.events().await.pop().unwrap();
    let mut file: ReceiptFile = serde_json::from_slice(&forged.bytes).unwrap();
    file.event = Base64(wrong);
    forged.bytes = serde_json::to_vec(&file).unwrap();
    forged.name = "forged.receipt.json".to_owned();
    let letter = Source { name: "letter.txt".to_owned(), bytes: b"{\"dear\": 1}".to_vec() };
    let sources = vec![
        good,
        spoilt,
        foreign,
        forged,
        letter,
        export(&stranger, "stranger.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
    ];
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.lost.is_empty(), "the good ones are enough: {report:?}");
    let refused = |name: &str| {
        let of: Vec<_> = report.refused.iter().filter(|refused| refused.source == name).collect();
        let last = of.last().unwrap_or_else(|| panic!("{name}: {:?}", report.refused));
        last.why.clone()
    };
    assert!(refused("spoilt.export").contains("make it again"));
    assert!(refused("foreign.receipt.json").contains("no signature by"));
    assert!(refused("forged.receipt.json").contains("signature"));
    assert!(refused("letter.txt").contains("neither"));
    assert!(refused("stranger.export").contains("other root keys"));
    let good = ["teacher.export", "first.export", "second.export"];
    assert!(report.refused.iter().all(|refused| !good.contains(&refused.source.as_str())));
}

#[tokio::test]
async fn export_by_a_device_that_was_never_enrolled_is_refused() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(true).await;
    let kept = export(&scene.teacher, "teacher.export").await;
    let signed = SignedExport::parse(&kept.bytes).unwrap();
    // Somebody copies what a teacher's device handed over, and signs it as an own device.
    let thief = system_tests::key(99);
    let device = attendance::DeviceId::derive_from(&seal::Signer::public_key(&thief));
    let stolen = DeviceExport { device, ..signed.unverified().clone() };
    let stolen = stolen.sign(&thief).unwrap();
    let sources = vec![Source { name: "stolen.export".to_owned(), bytes: stolen }];
    let report = rebuild(&scene.order(&left, sources)).await;
    assert_eq!(report.refused.len(), 1, "{report:?}");
    assert!(report.refused[0].why.contains("not enrolled"), "{report:?}");
    assert_eq!(report.opened, report.made_again, "nothing of it counts");
}

#[tokio::test]
async fn two_histories_are_named_and_nothing_is_written() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(true).await;
    let key = server::read_key(&left.safe.join("keys/log.key")).unwrap();
    let size = size_of(&left.note);
    let sign = |size, root| {
        let origin = district::ORIGIN.to_owned();
        sign_note(&Checkpoint { origin, size, root }, &key).unwrap()
    };
    let teacher = export(&scene.teacher, "teacher.export").await;
    for (size, sees) in [(size, "two roots"), (size - 1, "not the one of this tree")] {
        // The log's key signed another root; whoever shows it is believed, for the key signed it.
        let other = Published {
            name: "second-history".to_owned(),
            checkpoint: sign(size, sha256(b"another")),
            tiles: vec![],
        };
        let mut order = scene.order(&left, vec![teacher.clone()]);
        order.published.push(other);
        let report = rebuild(&order).await;
        let found = report.contradictions.iter().find(|found| found.what.contains(sees));
        let found = found.unwrap_or_else(|| panic!("{report:?}"));
        let named = [found.first.as_str(), found.second.as_str()];
        assert!(named.contains(&"second-history") && named[0] != named[1], "{report:?}");
        assert!(!report.written && !report.obstacles.is_empty());
        assert!(!scene.town.server_dir().join("server.db").exists());
    }
}

#[tokio::test]
async fn checkpoint_that_nothing_leads_to_is_an_obstacle_that_says_how_far_it_goes() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(false).await;
    let key = server::read_key(&left.safe.join("keys/log.key")).unwrap();
    let checkpoint = Checkpoint {
        origin: district::ORIGIN.to_owned(),
        size: 1_000,
        root: sha256(b"a later one, of which nobody kept more"),
    };
    let later = Published {
        name: "later".to_owned(),
        checkpoint: sign_note(&checkpoint, &key).unwrap(),
        tiles: vec![],
    };
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
    ];
    let mut order = scene.order(&left, sources);
    order.published.push(later);
    let report = rebuild(&order).await;
    assert!(!report.written && report.contradictions.is_empty(), "{report:?}");
    assert!(report.reached >= Some(size_of(&left.note) - 1), "{report:?}");
    assert!(report.obstacles.iter().any(|obstacle| obstacle.contains("1000")), "{report:?}");
}

#[tokio::test]
async fn nothing_is_overwritten_and_foreign_keys_are_refused() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(true).await;
    let other = Town::found().await;
    let order = Order { data: other.server_dir(), ..scene.order(&left, vec![]) };
    let exists = server::rebuild::rebuild(&order, &mut |_| ()).await;
    assert!(matches!(exists, Err(RebuildError::Exists { .. })), "{exists:?}");
    let order = Order { keys: other.server_dir().join("keys"), ..scene.order(&left, vec![]) };
    let foreign = server::rebuild::rebuild(&order, &mut |_| ()).await;
    assert!(matches!(foreign, Err(RebuildError::ForeignKeys)), "{foreign:?}");
    let fill = server::rebuild::fill(&scene.order(&left, vec![]), &mut |_| ()).await;
    assert!(matches!(fill, Err(RebuildError::NotThere { .. })), "{fill:?}");
}
