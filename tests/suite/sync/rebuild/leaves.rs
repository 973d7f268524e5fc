//! What the office had logged comes back too: cards from the families' exports, districts from the
//! files that were kept.

use attendance::{QrText, UnverifiedCard};

use super::*;

#[tokio::test]
async fn cards_and_every_version_of_the_district_come_back() {
    let mut scene = HalfMonth::record().await;
    let server = scene.town.server();
    let cards = [1, 2, 3].map(|child| {
        let text = QrText::parse(&scene.town.card(child)).expect("a text");
        UnverifiedCard::parse(&text).expect("a card").to_bytes()
    });
    let logged = server.log_cards(&cards).await.expect("the office issued them");
    let mut newer = server.district().await.expect("the district");
    newer.snapshot.version += 1;
    newer.people[0].name.push_str(" (new)");
    server.update_district(&newer, false).await.expect("nothing of the past changes");
    server.tag_leaves().await.expect("the scene holds");
    for family in [&scene.first, &scene.second] {
        family.sync().await.done();
    }
    let left = scene.lose(true).await;
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
    ];
    let mut order = scene.order(&left, sources);
    let of_the_start = rebuild(&Order { dry_run: true, ..scene.order(&left, Vec::new()) }).await;
    order.districts.insert(0, newer.clone());
    let report = rebuild(&order).await;
    assert!(report.written, "{report:?}");
    // The third child has no family here: nobody kept its card, and without it the list that gave the
    // card its tag cannot be made again.
    let lost = lost_leaves(&report);
    let (card, tags) = (logged[2].leaf_index, size_of(&left.note) - 1);
    assert_eq!(lost, [card, tags], "{report:?}");
    assert!(lost_leaves(&of_the_start).len() > lost.len());

    scene.town.start_server().await;
    assert_eq!(scene.town.count("card"), 2);
    assert_eq!(scene.town.count("leaf WHERE kind = 1"), 2);
    let (_, in_force) = scene.town.server().snapshot_in_force().await.expect("a snapshot");
    assert_eq!(in_force.version, newer.snapshot.version);
    let again = scene.town.server().log_cards(&cards[..2]).await.expect("known cards");
    assert!(again.iter().all(|logged| !logged.new), "{again:?}");
    for family in [&scene.first, &scene.second] {
        family.sync().await.done();
    }
    scene.assert_calm().await;
    let clock = server::ServerClock::starting_at(district::FIRST_MORNING_MS);
    let given_up = server::rebuild::give_up(&scene.town.server_dir(), "no family", clock).await;
    assert_eq!(given_up.expect("a person decides"), 2);
}
