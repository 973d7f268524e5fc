//! A tablet that is killed again and again while its first roster comes: what came stays, and comes once.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use system_tests::{Crowd, LossyProxy, Town};

use super::hosts::Kiosk;

#[tokio::test(flavor = "multi_thread")]
async fn first_sync_goes_on_after_each_kill() {
    let crowd = Crowd { children: 210 };
    let town = Town::found_for(&crowd.district()).await;
    let _cards = crowd.cards(&town).await;
    let network = LossyProxy::before(&town.address()).await;
    let phone = town.new_phone();
    let ticket = town.ticket(&crowd.tablet(), &network.address).await.to_text();
    phone.shell.enrol(&ticket).await.expect("the tablet is enrolled");
    let dir = phone.dir.clone();
    drop(phone);
    town.device_settled(&dir).await;

    let (mut answered, mut kills) = (Vec::new(), 0);
    let coming = |status: &Value| status.get("roster_coming").is_some_and(|view| !view.is_null());
    loop {
        network.cut_after("/v1/delta/roster/", 1);
        let mut kiosk = Kiosk::start(&dir);
        // It syncs by itself. It dies once another piece was sent to it, whatever it did with it.
        let mut pieces = Vec::new();
        for _ in 0..100 {
            pieces.extend(network.take_asked().into_iter().filter(|line| line.contains("roster/")));
            if !pieces.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(Duration::from_millis(kills % 3 * 40)).await;
        let status = kiosk.call("status", json!({})).await;
        let is_whole = pieces.is_empty() && status.is_ok_and(|status| !coming(&status));
        kiosk.kill();
        answered.append(&mut pieces);
        if is_whole {
            break;
        }
        kills += 1;
        assert!(kills < 40, "{answered:?}");
    }
    assert!(kills >= 3, "{answered:?}");
    // A piece that was sent and not kept comes again; what was kept does not.
    let once: BTreeSet<&String> = answered.iter().collect();
    assert!(answered.len() <= once.len() + 3, "{answered:?}");
    let phone = town.switch_on(&dir);
    network.mend();
    phone.sync().await.done();
    let children = phone.shell.device().with(|d| d.roster().map(|r| r.children.len())).await;
    assert_eq!(children, Some(210));
}
