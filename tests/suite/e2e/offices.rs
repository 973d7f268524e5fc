//! The two roles of a month that have no device: a provider's administrator and the Treasury, in the console.

use serde_json::Value;

use super::browser::{Browser, Page};
use super::demonstration::Demonstration;

/// The issuer's head lets both in by a link each. The provider sees its own paid sheet and no other's, the
/// Treasury takes the registry, and neither sees what is the other's.
pub(super) async fn provider_and_treasury_look(demo: &Demonstration, browser: &Browser) {
    let page = browser.blank().await;
    page.keeps_passkeys().await;
    come_in(&page, &demo.console_link).await;
    page.wait_for("month").await;
    let providers = demo.month().await["providers"].as_array().expect("provider lines").clone();
    let own = providers.iter().find(|line| line["accrued_tiyn"].as_i64() > Some(0));
    let own = own.and_then(|line| line["provider"].as_str()).expect("a provider that earned");
    let (console, _) = demo.console_link.split_once("/console/").expect("a link of the console");
    let console = format!("{console}/console");
    let provider = invite(&page, &console, ("Provider", "provider_admin", own)).await;
    let treasury = invite(&page, &console, ("Treasury", "treasury", "")).await;

    come_in(&page, &provider).await;
    page.goto(&format!("{console}/months/2026-09?lang=en")).await;
    page.wait_for("sheet-state").await;
    page.shot("provider-sheet").await;
    assert_eq!(page.texts("[data-testid=sheet-state]").await.len(), 1, "its own sheet alone");
    page.goto(&format!("{console}/registry/2026-09.json")).await;
    assert!(!text(&page).await.contains("accrued_tiyn"), "a provider has no registry");

    come_in(&page, &treasury).await;
    page.click_css("nav.menu a[href='/console/registries']").await;
    page.wait_for("registries").await;
    page.shot("treasury-registries").await;
    let script = "const done = arguments[arguments.length - 1];
        fetch(document.querySelector(\"main a[href$='2026-09.json']\").href)
            .then((answer) => answer.json()).then(done);";
    let registry = page.client().execute_async(script, Vec::new()).await.expect("a registry");
    let accrued = registry["totals"]["accrued_tiyn"].as_i64();
    assert_eq!(accrued, Some(demo.server_ledger().accrued_tiyn), "{registry}");

    // Who was let in, and who looked.
    assert_eq!(demo.count("console_account"), 3);
    let looked = |role: &str, what: &str| {
        demo.count(&format!("view_log WHERE role = '{role}' AND what = '{what}'"))
    };
    assert!(looked("provider_admin", "sheets") > 0);
    assert_eq!(looked("provider_admin", "registry"), 0);
    assert!(looked("treasury", "registry") > 0);
    page.close().await;
}

/// Uses a link, as somebody who was never here.
pub(super) async fn come_in(page: &Page, link: &str) {
    page.goto(&format!("{link}?lang=en")).await;
    page.client().delete_all_cookies().await.expect("the cookies go");
    page.goto(&format!("{link}?lang=en")).await;
    page.click("passkey").await;
    page.wait_for_css("#codes:not([hidden]) li").await;
    page.click("codes-done").await;
    page.wait_for_css("main h1").await;
}

pub(super) async fn invite(
    page: &Page,
    console: &str,
    (name, duty, provider): (&str, &str, &str),
) -> String {
    page.goto(&format!("{console}/accounts?lang=en")).await;
    page.fill("#name", name).await;
    page.run(&format!("document.querySelector('#duty').value = '{duty}'")).await;
    page.run(&format!("document.querySelector('#provider').value = '{provider}'")).await;
    page.click("invite").await;
    page.wait_for("link").await;
    page.texts("[data-testid=link]").await.first().cloned().expect("a link")
}

async fn text(page: &Page) -> String {
    let text: Value = page.run("return document.body.textContent").await;
    text.as_str().unwrap_or_default().to_owned()
}
