//! Months, payments, disputed visits and held money, decided in the console over HTTP.

use attendance::EventKind;
use ipc::{Answer, SeenByView, SeenWhat, SeenWho};
use ledger::Tiyn;
use serde_json::{Value, json};
use sync_api::MonthStage;
use system_tests::{Phone, Town};

use super::signing::{Signatory, hidden};
use super::{Duty, MINUTE_MS, Office, StatusCode, district};

const CLOSE: &str = "/console/months/2026-09?lang=en";

/// A town whose rules read every decision, and let one person release little.
async fn strict_town() -> Town {
    let mut district = system_tests::the_district();
    let rules = &mut district.snapshot.params[0];
    rules.fold_edition = ledger::FoldEdition::Second;
    rules.corrections.hold_release_two_person = Tiyn(100_000);
    Town::found_for(&district).await
}

/// Two children come to the first lesson. The first one's family says so, or not; the second's says nothing.
async fn live_a_lesson(town: &Town, answer: Answer) -> ([String; 2], Phone) {
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    let tablet = town.teacher().await;
    tablet.open(lesson.id).await;
    let visit = tablet.scan(lesson.id, &town.card(1)).await.kept();
    let other = tablet.scan(lesson.id, &town.card(2)).await.kept();
    tablet.sync().await.done();
    let family = town.parent(&[1]).await;
    family.sync().await.done();
    let answer = json!({ "visit": visit, "answer": answer });
    drop(family.call::<Value>("answer_visit", answer).await);
    family.sync().await.done();
    ([visit, other], family)
}

fn close() -> Value {
    json!({ "what": "month-close", "month": "2026-09" })
}

/// Two heads on the last day of September, each with a key.
async fn heads(office: &mut Office) -> [Signatory; 2] {
    office.now_ms = district::MAY_CLOSE_MS;
    office.later(0);
    let first = office.signed_in(1, Duty::IssuerHead).await;
    let second = office.signed_in(2, Duty::IssuerHead).await;
    let first = Signatory::enrol(office, first, 31).await;
    [first, Signatory::enrol(office, second, 32).await]
}

fn counts(page: &super::Answer, outcome: &str) {
    let told = format!("data-outcome=\"{outcome}\"");
    assert!(page.body.contains(&told), "{}", page.body);
}

/// Its rules, and what its days are.
async fn what_a_closed_month_rests_on_stays(office: &Office, head: &mut Signatory) {
    let leaves = office.town.count("leaf");
    let of_rules = [
        ("what", "rules"),
        ("name", "payout_policy"),
        ("value", "ENROLMENT"),
        ("begins", "2026-09-01"),
        ("rules", "2026.2"),
        ("document", "D-1"),
    ];
    let of_day =
        [("what", "day"), ("date", "2026-09-30"), ("kind", "official_off"), ("document", "D-1")];
    for (place, record) in [("parameters", &of_rules[..]), ("calendar", &of_day)] {
        let page = head.person.post(office, &format!("/console/{place}/sure"), record).await.body;
        assert!(page.contains("amend-refused") && page.contains("2026-09 is closed"), "{page}");
        let sure: Vec<_> = record.iter().copied().chain([("version", "2")]).collect();
        let page = head.person.post(office, &format!("/console/{place}/write"), &sure).await.body;
        assert!(page.contains("amend-refused") && page.contains("2026-09 is closed"), "{page}");
    }
    assert_eq!(office.town.count("leaf"), leaves);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_closes_a_month_and_enters_what_the_treasury_paid() {
    let mut office = Office::open().await;
    live_a_lesson(&office.town, Answer::Was).await;
    office.now_ms = district::MAY_CLOSE_MS - 20 * MINUTE_MS;
    office.later(0);
    let head = office.signed_in(1, Duty::IssuerHead).await;
    let mut head = Signatory::enrol(&office, head, 31).await;
    let admin = office.signed_in(2, Duty::ProviderAdmin).await;
    let mut admin = Signatory::enrol(&office, admin, 32).await;
    let before = office.town.count("leaf");
    let chess = district::CHESS_HOUSE.to_string();
    let pay = |sum: &str, document: &str| json!({ "what": "payment", "provider": chess, "month": "2026-09", "sum": sum, "document": document });

    // Not by a provider, and not before the calendar allows it.
    for wrong in [&close(), &pay("1", "PP-1")] {
        assert_eq!(admin.bytes(&office, wrong).await.status, StatusCode::FORBIDDEN);
    }
    let told = head.refused(&office, &close()).await;
    assert!(told.contains("it may be closed from 2026-09-30 on"), "{told}");
    let page = head.person.get(&office, CLOSE).await.body;
    assert!(page.contains("data-testid=\"to-close\" data-may=\"false\""), "{page}");
    assert!(!page.contains("value=\"month-close\""), "{page}");
    assert!(head.refused(&office, &pay("1", "PP-1")).await.contains("not closed"));

    // Then: what it would take as it is stands on the page and where it is signed.
    office.later(20 * MINUTE_MS);
    let page = head.person.get(&office, CLOSE).await.body;
    assert!(page.contains("value=\"month-close\""), "{page}");
    let form = [("what", "month-close"), ("month", "2026-09")];
    let sure = head.person.post(&office, "/console/months/close", &form).await.body;
    for page in [&page, &sure] {
        assert!(page.contains("data-testid=\"close-undecided\">0<"), "{page}");
        assert!(page.contains("data-testid=\"close-unsigned\">2<"), "{page}");
    }
    assert!(sure.contains("data-key=\"16\" data-label=\"Month\" data-value=\"202609\""), "{sure}");
    assert_eq!(office.town.count("leaf"), before, "to ask is to sign nothing");
    counts(&head.sign(&office, &close()).await, "counts");
    office.town.server().close_due_months().await.expect("the month is closed");
    let told = head.refused(&office, &close()).await;
    assert!(told.contains("closes the month already"), "{told}");
    what_a_closed_month_rests_on_stays(&office, &mut head).await;

    // The form has the registry's sum; another one is refused as the fold refuses it of a device.
    let page = head.person.get(&office, CLOSE).await.body;
    let (_, own) = page.split_once("data-testid=\"to-pay\"").expect("something to pay");
    assert_eq!(own.matches("data-testid=\"to-pay\"").count(), 0, "the judo club earned nothing");
    let sum = hidden(own, &chess, "sum");
    let told = head.refused(&office, &pay("1", "PP-1")).await;
    assert!(told.contains(&format!("1.00 was paid, {sum} is due")), "{told}");

    // From a file: every row by itself, in the visitor's language, and nothing is entered.
    let table = format!(
        "БИН;Сумма;Документ;Месяц%0A000000000023;{sum}1;PP-1;2026-09%0A\
         000000000023;{sum};PP-17;%0A990990000099;5;PP-2;2026-09%0A000000000023;{sum};PP-18;2026-09"
    );
    let file = [("table", table.as_str()), ("month", "2026-09")];
    let leaves = office.town.count("leaf");
    let list = head.person.post(&office, "/console/payments/judged?lang=ru", &file).await.body;
    for (row, verdict) in [(2, "refused"), (3, "good"), (4, "refused"), (5, "refused")] {
        let told = format!("data-row=\"{row}\" data-verdict=\"{verdict}\"");
        assert!(list.contains(&told), "{told}: {list}");
    }
    assert!(list.contains("исполнителя 990990000099 нет в реестре за 2026-09"), "{list}");
    assert!(list.contains("этот платёж уже есть в строке 3"), "{list}");
    assert!(list.contains("Можно подписать: 1; уже внесено: 0; не принимается: 3."), "{list}");
    assert_eq!(office.town.count("leaf"), leaves);
    let row = |name: &str| hidden(&list, "target=\"_blank\"", name);
    let good = json!({ "what": row("what"), "provider": row("provider"), "month": row("month"),
        "sum": row("sum"), "document": row("document") });
    assert_eq!(good, pay(&sum, "PP-17"));
    let bytes = head.bytes(&office, &good).await;
    let event = head.seal(&bytes);
    let said = attendance::UnverifiedEvent::parse(&event).expect("an event").event().clone();
    assert_eq!((said.kind, said.month), (EventKind::PaymentNotice, Some(202_609)));
    assert_eq!(said.document.as_deref(), Some("PP-17"));
    assert_eq!(head.put(&office, &event).await.status, StatusCode::OK);

    // Paid; the same file again enters nothing more.
    office.town.server().close_due_months().await.expect("it is redeemed");
    let board = office.town.server().board().await.expect("a board");
    let month = board.months.iter().find(|month| month.month == 202_609).expect("September");
    assert_eq!(month.stage, MonthStage::Paid);
    let list = head.person.post(&office, "/console/payments/judged?lang=en", &file).await.body;
    assert!(list.contains("data-row=\"3\" data-verdict=\"known\""), "{list}");
    let told = head.refused(&office, &pay(&sum, "PP-17")).await;
    assert!(told.contains("paid already, by the document PP-17"), "{told}");
    let page = head.person.get(&office, CLOSE).await.body;
    assert!(!page.contains("data-testid=\"to-pay\""), "{page}");
    // What is no table says so.
    let no_table = [("table", "provider,sum%0A1,2")];
    let told = head.person.post(&office, "/console/payments/judged", &no_table).await.body;
    assert!(told.contains("data-testid=\"unread\"") && told.contains("document"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_decides_about_a_disputed_visit() {
    let mut office = Office::of(strict_town().await).await;
    let ([visit, other], family) = live_a_lesson(&office.town, Answer::WasNot).await;
    office.now_ms = district::lessons(district::CHESS)[0].start_ms;
    office.later(MINUTE_MS);
    let head = office.signed_in(1, Duty::IssuerHead).await;
    let mut head = Signatory::enrol(&office, head, 31).await;
    let mut commission = office.signed_in(2, Duty::Commission).await;
    let page = commission.get(&office, "/console/undecided").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "it proposes, and decides nothing");

    let page = head.person.get(&office, "/console/undecided?lang=en").await.body;
    assert!(page.contains(&format!("data-event=\"{visit}\"")), "{page}");
    assert!(page.contains("the family says that the child was not there"), "{page}");
    let seen = "view_log WHERE account IS NOT NULL AND what = 'visits'";
    assert_eq!(office.town.count(seen), 1, "the family sees who looked");
    let decide = |about: &str, verdict: &str| json!({ "what": "visit-decide", "about": about, "verdict": verdict, "finding": "inspection", "document": "act 9" });
    let form = [
        ("what", "visit-decide"),
        ("about", &visit),
        ("verdict", "was"),
        ("finding", "inspection"),
        ("document", "act 9"),
    ];
    let sure = head.person.post(&office, "/console/undecided/decide", &form).await.body;
    let read = "data-key=\"28\" data-label=\"Was the child there\" data-value=\"0\" data-shown=\"the child was there\"";
    assert!(sure.contains(read), "{sure}");
    assert!(sure.contains("data-key=\"29\"") && sure.contains("2026-09-02 16:00"), "{sure}");

    // The family is told which duty looked, and of which provider; not which person.
    let mut admin = office.signed_in(5, Duty::ProviderAdmin).await;
    admin.get(&office, CLOSE).await;
    let mut treasury = office.signed_in(6, Duty::Treasury).await;
    treasury.get(&office, "/console/signals/2026-09").await;
    family.sync().await.done();
    let rows: Vec<SeenByView> = family.call("seen_by", json!({})).await;
    let seen = |who: SeenWho, what: SeenWhat| {
        let found = rows.iter().find(|row| (row.who, row.what) == (who, what));
        found.unwrap_or_else(|| panic!("{who:?} {what:?}: {rows:?}")).provider.clone()
    };
    assert_eq!(seen(SeenWho::Issuer, SeenWhat::Visits), None);
    assert_eq!(seen(SeenWho::Treasury, SeenWhat::Signals), None);
    let of = seen(SeenWho::ProviderAdmin, SeenWhat::Sheets);
    assert_eq!(of.as_deref(), Some("Invented chess house"));
    let kept = family.shell.device().with(|device| device.cache("views")).await;
    let kept = kept.expect("a device").expect("the server's answer").json;
    assert!(!kept.contains("Person "), "{kept}");

    // Nobody disputes what nobody recorded, and no decision goes without its grounds.
    let nothing = head.refused(&office, &decide(&"0".repeat(64), "was")).await;
    assert!(nothing.contains("no visit of this name is recorded"), "{nothing}");
    let mut groundless = decide(&visit, "was");
    groundless.as_object_mut().expect("fields").remove("finding");
    assert!(head.refused(&office, &groundless).await.contains("field is missing"));
    let told = head.refused(&office, &decide(&other, "was")).await;
    assert!(told.contains("nobody disputes the visit"), "{told}");

    counts(&head.sign(&office, &decide(&visit, "was")).await, "counts");
    let page = head.person.get(&office, "/console/undecided?lang=en").await.body;
    assert!(page.contains("data-testid=\"none-undecided\""), "{page}");
    let september = "2026-09".parse().expect("a month");
    let left = office.town.server().undecided(september).await.expect("a list");
    assert!(left.is_empty(), "{left:?}");
    // After the close it is a case for an adjustment.
    let [mut second, _] = heads_again(&mut office).await;
    counts(&second.sign(&office, &close()).await, "counts");
    let told = second.refused(&office, &decide(&visit, "was-not")).await;
    assert!(told.contains("a case for an adjustment"), "{told}");
}

/// Two more heads, at the month's end.
async fn heads_again(office: &mut Office) -> [Signatory; 2] {
    office.now_ms = district::MAY_CLOSE_MS;
    office.later(0);
    let first = office.signed_in(3, Duty::IssuerHead).await;
    let second = office.signed_in(4, Duty::IssuerHead).await;
    let first = Signatory::enrol(office, first, 33).await;
    [first, Signatory::enrol(office, second, 34).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn held_money_above_the_limit_takes_two_persons() {
    let mut office = Office::of(strict_town().await).await;
    live_a_lesson(&office.town, Answer::Was).await;
    let [mut first, mut second] = heads(&mut office).await;
    let voucher = district::voucher(2).to_string();
    let release = |what: &str| json!({ "what": what, "voucher": voucher, "month": "2026-09", "provider": district::CHESS_HOUSE, "document": "order 4" });
    let told = first.refused(&office, &release("hold-pay")).await;
    assert!(told.contains("has no line in a closed month"), "{told}");
    first.sign(&office, &close()).await;
    office.town.server().close_due_months().await.expect("the month is closed");

    let page = first.person.get(&office, "/console/holds?lang=en").await.body;
    assert_eq!(page.matches("data-testid=\"hold\"").count(), 1, "{page}");
    assert!(page.contains(&format!("data-voucher=\"{voucher}\"")), "{page}");
    counts(&first.sign(&office, &release("hold-pay")).await, "proposed");
    let page = second.person.get(&office, "/console/holds?lang=en").await.body;
    let about = hidden(&page, "value=\"hold-pay\"", "about");
    let agree = |what: &str| {
        let mut fields = release(what);
        fields["about"] = json!(about);
        fields
    };
    assert!(first.refused(&office, &agree("hold-pay")).await.contains("second person"));
    let told = second.refused(&office, &agree("hold-return")).await;
    assert!(told.contains("no first decision of the same content"), "{told}");
    let held = office.town.server().holds_report().await.expect("a report");
    assert!(held[0].waiting_tiyn > Tiyn(100_000), "{held:?}");
    counts(&second.sign(&office, &agree("hold-pay")).await, "counts");
    assert_eq!(office.town.server().holds_report().await.expect("a report"), []);
    assert!(first.refused(&office, &release("hold-pay")).await.contains("nothing of it is held"));

    // Beside that: computed again it is the same, and a voucher moves by the family's paper.
    let again = json!({ "what": "month-again", "voucher": voucher, "month": "2026-09", "document": "case 1" });
    let told = first.refused(&office, &again).await;
    assert!(told.contains("comes to the same"), "{told}");
    let number = district::snapshot().contracts[1].number.clone();
    let page =
        first.person.get(&office, &format!("/console/vouchers?number={number}&lang=en")).await;
    for what in ["month-again", "voucher-move", "answer-refuse"] {
        assert!(page.body.contains(&format!("value=\"{what}\"")), "{what}: {}", page.body);
    }
    let mut moved = json!({ "what": "voucher-move", "voucher": voucher, "child": district::child(2), "group": district::CHESS, "document": "request 3" });
    let told = first.refused(&office, &moved).await;
    assert!(told.contains("in this group already"), "{told}");
    moved["group"] = json!(district::JUDO);
    counts(&first.sign(&office, &moved).await, "counts");
    let refuse =
        json!({ "what": "answer-refuse", "voucher": voucher, "child": district::child(2) });
    assert!(first.refused(&office, &refuse).await.contains("name its number"));
}
