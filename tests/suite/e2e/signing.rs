//! Signing in the console in Chromium: a provider's administrator and two heads sign by click, each with a
//! key of their own browser; a server that gives other bytes than the form says gets nothing signed.

use super::browser::{Browser, Page};
use super::camera::{Scene, film};
use super::console::Served;
use super::offices::{come_in, invite};
use super::pages::{SCHEMES, WIDTHS, keep_screens, too_wide};
use system_tests::district;

const MONTH: &str = "/months/2026-09?lang=en";
const PROVIDERS: &str = "/providers?lang=en";

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_and_an_end_are_signed_by_click() {
    let served = Served::start().await;
    let scratch = tempfile::tempdir().expect("temporary files");
    let film = film(&[Scene::one("nothing")], scratch.path());
    let browser = Browser::start(&film, scratch.path()).await;
    let [head, second, admin] =
        [browser.blank().await, browser.blank().await, browser.blank().await];
    for page in [&head, &second, &admin] {
        page.keeps_passkeys().await;
    }
    come_in(&head, &served.link).await;
    let chess = district::CHESS_HOUSE.to_string();
    let of_admin = invite(&head, &served.console, ("Chess", "provider_admin", &chess)).await;
    let of_second = invite(&head, &served.console, ("Second", "issuer_head", "")).await;
    come_in(&admin, &of_admin).await;
    come_in(&second, &of_second).await;

    // Without Ed25519 the page says so, with the way out; nothing is half made.
    no_key_without_ed25519(&second, &served).await;
    for page in [&head, &second, &admin] {
        make_key(page, &served).await;
    }
    assert_eq!(served.town.count("console_key"), 3);

    // The sheet, by the provider; then by the issuer; then the act by both.
    admin.goto(&served.at(MONTH)).await;
    admin.click("sheet-sign").await;
    let sha256 = expects(&admin, 36).await;
    looks_well(&admin, "console-sign-en").await;
    let read = admin.texts("[data-read] li").await;
    assert!(read.iter().any(|line| line.ends_with(&sha256)), "{read:?}");
    assert!(read.iter().any(|line| line.ends_with("2026-09 [202609]")), "{read:?}");
    sign(&admin, "counts").await;
    state(&admin, "ISSUER_REVIEW").await;
    refuses_other_bytes(&head, &served).await;
    head.goto(&served.at(MONTH)).await;
    head.click("sheet-sign").await;
    assert_eq!(expects(&head, 36).await, sha256, "both sign the same bytes");
    sign(&head, "counts").await;
    state(&head, "APPROVED").await;
    for page in [&admin, &head] {
        page.goto(&served.at(MONTH)).await;
        let number = format!("#number-{chess}");
        page.wait_for_css(&number).await;
        // What the first side typed is there for the second.
        page.run(&format!("document.querySelector('{number}').value ||= 'A-17'")).await;
        page.click("act-sign").await;
        assert_eq!(expects(page, 18).await, "A-17");
        sign(page, "counts").await;
    }
    state(&head, "ACTED").await;
    pays(&head, &served, &chess).await;

    // Payments stop by one head; the end takes two, and no one head is two.
    head.goto(&served.at(PROVIDERS)).await;
    head.fill("#suspend-document", "T-17").await;
    head.click("suspend").await;
    sign(&head, "counts").await;
    head.goto(&served.at(PROVIDERS)).await;
    head.fill("#end-document", "letter 12").await;
    head.click("end").await;
    sign(&head, "proposed").await;
    head.goto(&served.at(PROVIDERS)).await;
    head.click("end-withdraw").await;
    head.wait_for("not-signed").await;
    second.goto(&served.at(PROVIDERS)).await;
    second.click("end-confirm").await;
    second.wait_for("not-signed").await;
    let told = second.texts("[data-testid=not-signed]").await;
    assert!(told[0].contains("may object until"), "{told:?}");
    second.goto(&served.at(PROVIDERS)).await;
    second.click("end-withdraw").await;
    sign(&second, "counts").await;
    second.goto(&served.at(PROVIDERS)).await;
    assert!(!second.has("[data-testid=proposal]").await);

    what_is_kept(&served, [&head, &second, &admin]).await;
    keep_screens(&["console-sign-en-800-light"]);
}

/// The Treasury's payment, first out of a file that has it wrong, then by the sum of the registry.
async fn pays(head: &Page, served: &Served, chess: &str) {
    head.goto(&served.at("/payments?lang=en")).await;
    head.wait_for("judge").await;
    let file = "const sent = new DataTransfer();
        sent.items.add(new File(['bin;sum;document\\n000000000023;1,00;PP-17\\n'], 'paid.csv'));
        const input = document.querySelector('#file');
        input.files = sent.files;
        input.dispatchEvent(new Event('change'));";
    head.run(file).await;
    let filled = "return document.querySelector('#table').value.includes('PP-17')";
    while head.run(filled).await != serde_json::json!(true) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    head.fill("#of-month", "2026-09").await;
    head.click("judge").await;
    head.wait_for_css("[data-row='2'][data-verdict=refused]").await;
    head.goto(&served.at(MONTH)).await;
    head.fill(&format!("#paid-{chess}"), "PP-17").await;
    head.click("payment").await;
    assert_eq!(expects(head, 18).await, "PP-17");
    sign(head, "counts").await;
    state(head, "PAID").await;
}

async fn no_key_without_ed25519(page: &Page, served: &Served) {
    page.goto(&served.at("/key?lang=en")).await;
    page.wait_for("make-key").await;
    page.run("crypto.subtle.generateKey = () => Promise.reject(new Error('not supported'))").await;
    page.click("make-key").await;
    page.wait_for_css("[data-say=unable]:not([hidden])").await;
    assert_eq!(served.town.count("console_key"), 0);
}

async fn make_key(page: &Page, served: &Served) {
    page.goto(&served.at("/key?lang=en")).await;
    page.click("make-key").await;
    page.wait_for_css("[data-testid=key] h2 [data-here]:not([hidden])").await;
    // It cannot be taken out, by no script of any page.
    let script = "const done = arguments[arguments.length - 1];
        const asked = indexedDB.open('qatysu', 1);
        asked.onsuccess = () => {
            const all = asked.result.transaction('keys').objectStore('keys').getAll();
            all.onsuccess = () => Promise.all(all.result.map(({ key }) =>
                crypto.subtle.exportKey('pkcs8', key).then(() => 'taken', () => 'kept'))).then(done);
        };";
    let found = page.client().execute_async(script, Vec::new()).await.expect("an answer");
    assert_eq!(found, serde_json::json!(["kept"]));
}

/// What the form that is open expects in the bytes under a key.
async fn expects(page: &Page, key: u8) -> String {
    page.wait_for_css("form[data-sign]").await;
    let script = format!("return document.querySelector('[data-key=\"{key}\"]').dataset.value");
    page.run(&script).await.as_str().expect("a value").to_owned()
}

/// Signs what is asked on the page, and waits for what came of it.
async fn sign(page: &Page, outcome: &str) {
    page.wait_for_css("[data-testid=sign]:not([disabled])").await;
    page.click("sign").await;
    page.wait_until("signed", "data-outcome", outcome).await;
}

async fn state(page: &Page, expected: &str) {
    page.click("see-state").await;
    page.wait_until("sheet-state", "data-state", expected).await;
}

/// Every width, light and dark, with the bytes read: it fits, and axe-core finds nothing serious.
async fn looks_well(page: &Page, name: &str) {
    page.wait_for_css("[data-testid=sign]:not([disabled])").await;
    let mut faults = Vec::new();
    for scheme in SCHEMES {
        for width in WIDTHS {
            page.looks_like(width, scheme).await;
            page.shot(&format!("pages/{name}-{width}-{scheme}")).await;
            faults.extend(too_wide(page).await.map(|by| format!("{name} {width}: {by}")));
        }
        faults.extend(page.serious_violations().await);
    }
    page.looks_like(800, "light").await;
    assert!(faults.is_empty(), "{faults:?}");
}

/// A server whose bytes say something else than its form: the button stays shut, and nothing is signed.
async fn refuses_other_bytes(page: &Page, served: &Served) {
    let before = served.town.count("leaf");
    page.before_pages(LIE).await;
    for lie in ["hash", "field", "chain"] {
        page.goto(&served.at(MONTH)).await;
        page.run(&format!("sessionStorage.setItem('lie', '{lie}')")).await;
        page.click("sheet-sign").await;
        let says = if lie == "chain" { "chain" } else { "failed" };
        page.wait_for_css(&format!("[data-say={says}]:not([hidden])")).await;
        assert!(page.has("[data-testid=sign][disabled]").await, "{lie}");
    }
    page.run("sessionStorage.removeItem('lie')").await;
    assert_eq!(served.town.count("leaf"), before);
}

/// Changes the bytes of an event on their way to the page's script: the last byte of the sheet's hash, which
/// ends them; one more field; the place in the chain.
const LIE: &str = "
    const honest = window.fetch;
    window.fetch = async (...asked) => {
        const lie = sessionStorage.getItem('lie');
        const answer = await honest(...asked);
        if (!lie || !String(asked[0]).endsWith('/sign/bytes') || !answer.ok) return answer;
        const { payload } = await answer.json();
        const bytes = Array.from(atob(payload), (letter) => letter.charCodeAt(0));
        if (lie === 'hash') bytes[bytes.length - 1] ^= 1;
        if (lie === 'field') { bytes[0] += 1; bytes.push(0x18, 37, 6); }
        if (lie === 'chain') {
            const at = bytes.findIndex((byte, place) => byte === 2 && bytes[place + 1] === 0 && bytes[place + 2] === 3);
            bytes[at + 1] = 1;
        }
        const changed = btoa(String.fromCharCode(...bytes));
        return new Response(JSON.stringify({ payload: changed }), { status: 200 });
    };
";

/// What the log has of all that, and what each browser remembers.
async fn what_is_kept(served: &Served, pages: [&Page; 3]) {
    let by_browsers = "event WHERE device IN (SELECT device FROM console_key)";
    assert_eq!(served.town.count(by_browsers), 8);
    assert_eq!(served.town.count("console_act WHERE what = 'signed'"), 8);
    assert_eq!(served.town.count("parked"), 0);
    assert_eq!(served.town.count("device WHERE suspended = 1"), 0);
    for (page, count) in pages.into_iter().zip(["5", "1", "2"]) {
        page.goto(&served.at("/key?lang=en")).await;
        page.wait_for_css("[data-testid=key] h2 [data-here]:not([hidden])").await;
        assert_eq!(page.texts("[data-testid=key-events]").await, [count]);
        assert_eq!(page.texts("[data-testid=remembered]").await, [count]);
    }
}
