//! A month from visits to money: closed once, proven, balanced, paid once.

use device::MoneyDecision;
use ipc::{Answer, BoardView, ErrorCode, Mark, MonthState, MonthView};
use ledger::voucher::StatusMap;
use ledger::{Month, Tranche};
use rusqlite::Connection;
use seal::Sign1;
use serde_json::{Value, json};
use sync_api::{Bundle, ProblemKind, StatementResponse, TRANCHE_DOMAIN};
use system_tests::{Phone, Town, district};
use tlog::{Receipt, salted_leaf};

/// A town whose chess group met for the whole month: child 1 confirmed throughout, child 2 disputed
/// its first visit and answered no other, child 3 never came.
struct MonthOfChess {
    town: Town,
    coordinator: Phone,
}

impl MonthOfChess {
    async fn record() -> Self {
        let town = Town::found().await;
        let teacher = town.teacher().await;
        let (first, second) = (town.parent(&[1]).await, town.parent(&[2]).await);
        let lessons = district::lessons(district::CHESS);
        for lesson in &lessons {
            town.set_clock(lesson.start_ms);
            teacher.open(lesson.id).await;
            for child in 1..=2 {
                teacher.scan(lesson.id, &town.card(child)).await.kept();
            }
        }
        teacher.sync().await.receipted(3 * lessons.len() as u64);
        first.sync().await.done();
        for visit in first.visits().await {
            answer(&first, &visit.event, Answer::Was).await;
        }
        first.sync().await.receipted(lessons.len() as u64);
        second.sync().await.done();
        let oldest = second.visits().await.pop().expect("visits of child 2");
        answer(&second, &oldest.event, Answer::WasNot).await;
        second.sync().await.receipted(1);
        let coordinator = town.coordinator().await;
        Self { town, coordinator }
    }

    async fn close(&self) -> MonthView {
        close(&self.coordinator).await;
        self.town.until(&self.coordinator, MonthState::Closed).await
    }
}

async fn answer(parent: &Phone, visit: &str, answer: Answer) {
    drop(parent.call::<Value>("answer_visit", json!({ "visit": visit, "answer": answer })).await);
}

async fn close(coordinator: &Phone) {
    drop(coordinator.call::<Value>("close_month", json!({ "month": district::MONTH })).await);
}

fn notice(amount_tiyn: i64, document: &str) -> Value {
    json!({
        "month": district::MONTH,
        "provider": district::CHESS_HOUSE,
        "amount_tiyn": amount_tiyn,
        "document": document,
    })
}

#[tokio::test]
async fn closed_month_is_a_proven_leaf() {
    let scene = MonthOfChess::record().await;
    let before = scene.town.count("leaf");
    let month = scene.close().await;
    // The close itself, the tags of all leaves up to it, and the tranche.
    assert_eq!(scene.town.count("leaf"), before + 3);
    assert_eq!(scene.town.count("leaf WHERE kind = 5"), 1);
    assert_eq!(scene.town.count("leaf WHERE kind = 3"), 1);
    assert_eq!(month.mark, Some(Mark::Receipted), "the device verified the statement");
    assert_eq!(month.leaf_index, Some(u64::try_from(before).unwrap() + 2));

    // What the device keeps holds under the log's key, and is the tranche that the board names.
    let number = district::MONTH.parse::<Month>().unwrap().number();
    let kept = scene.coordinator.shell.device().with(move |device| device.statement(number)).await;
    let kept = kept.unwrap().expect("the statement is kept");
    let key = server::read_key(&scene.town.server_dir().join("keys/log.key")).unwrap();
    let key = seal::Signer::public_key(&key);
    let leaf = salted_leaf(&kept.salt, &kept.bytes);
    let verified = Receipt::parse(&kept.receipt).unwrap().verify(&key, &leaf).unwrap();
    assert_eq!(verified.index, kept.leaf_index);
    let sealed = Sign1::parse(&kept.bytes).unwrap();
    let tranche = Tranche::parse(sealed.verify(&key, TRANCHE_DOMAIN).unwrap()).unwrap();
    assert_eq!(Some(tranche.hash().to_string()), month.tranche);
    assert_eq!(tranche.tree_size, u64::try_from(before).unwrap() + 1);
    assert_eq!(scene.coordinator.status().await.alarms, 0);
}

#[tokio::test]
async fn sums_balance_to_the_tiyn() {
    let scene = MonthOfChess::record().await;
    let month = scene.close().await;
    let lessons = u32::try_from(district::lessons(district::CHESS).len()).unwrap();
    assert_eq!(month.plan_tiyn, 4 * district::PART.0);
    assert_eq!(month.plan_tiyn, month.accrued_tiyn + month.held_tiyn + month.released_tiyn);
    assert_eq!((month.visits, month.confirmed), (2 * lessons, lessons));
    assert_eq!((month.disputed, month.awaiting), (1, lessons - 1));
    // Child 1 came every time and the family said so: exactly the month's part is earned.
    assert_eq!(month.accrued_tiyn, district::PART.0);
    // Child 2's visits wait for a decision, so their money is held, not paid and not returned.
    assert!(month.held_tiyn > 0 && month.held_tiyn <= district::PART.0, "{month:?}");

    let database = scene.town.database();
    let sums: (i64, i64, i64, i64, i64) = database
        .query_row(
            "SELECT count(*), sum(plan_tiyn), sum(accrued_tiyn), sum(held_tiyn), sum(released_tiyn)
             FROM ledger_entry",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .unwrap();
    let shown = (month.plan_tiyn, month.accrued_tiyn, month.held_tiyn, month.released_tiyn);
    assert_eq!(sums, (4, shown.0, shown.1, shown.2, shown.3));
    let unbalanced = "ledger_entry WHERE plan_tiyn <> accrued_tiyn + held_tiyn + released_tiyn";
    assert_eq!(scene.town.count(unbalanced), 0);
}

#[tokio::test]
async fn month_that_is_not_over_is_not_closed() {
    let scene = MonthOfChess::record().await;
    let october = json!({ "month": "2026-10" });
    let refused = scene.coordinator.refused("close_month", october.clone()).await;
    assert_eq!(refused, ErrorCode::MonthRefused);

    // A page of another program may skip that question: the ledger asks it again.
    let event =
        scene.coordinator.shell.device().with(|device| device.close_month(202_610, 0)).await;
    event.expect("the device records what its coordinator says");
    scene.coordinator.sync().await.receipted(1);
    scene.town.server().close_due_months().await.unwrap();
    scene.coordinator.sync().await.done();
    let board = scene.coordinator.board().await;
    let line = board.months.iter().find(|line| line.month == "2026-10").expect("October");
    assert_eq!(line.state, MonthState::Open);
    assert!(!line.may_close && line.tranche.is_none(), "{line:?}");

    // Over, it is closed as any other.
    scene.town.set_clock(line.close_from_ms);
    let board: BoardView = scene.coordinator.call("close_month", october).await;
    let line = board.months.iter().find(|line| line.month == "2026-10").expect("October");
    assert_eq!(line.state, MonthState::Closing);
    scene.coordinator.sync().await.receipted(1);
    // Whoever asks for it, and however often at once, it is closed once.
    let server = scene.town.server();
    let runs = tokio::join!(
        server.close_due_months(),
        server.close_due_months(),
        server.close_due_months()
    );
    assert!(runs.0.is_ok() && runs.1.is_ok() && runs.2.is_ok(), "{runs:?}");
    scene.coordinator.sync().await.done();
    let board = scene.coordinator.board().await;
    let line = board.months.iter().find(|line| line.month == "2026-10").expect("October");
    assert!(line.tranche.is_some(), "{line:?}");
    assert_eq!(line.state, MonthState::Paid, "nothing was earned, nothing is owed");
}

#[tokio::test]
async fn second_close_and_late_events_change_nothing() {
    let scene = MonthOfChess::record().await;
    let closed = scene.close().await;
    let leaves = scene.town.count("leaf");

    // The same coordinator again, another coordinator, and the server's own run.
    close(&scene.coordinator).await;
    scene.coordinator.sync().await.receipted(0);
    assert_eq!(scene.town.count("leaf"), leaves);
    let another = scene.town.coordinator().await;
    close(&another).await;
    another.sync().await.done();
    scene.town.server().close_due_months().await.unwrap();
    // A family that answers after the close has its answer in the log, but not in this tranche.
    let late = scene.town.parent(&[2]).await;
    late.sync().await.done();
    let visit = late.visits().await.remove(0).event;
    answer(&late, &visit, Answer::Was).await;
    late.sync().await.receipted(1);
    scene.town.server().close_due_months().await.unwrap();

    let after = scene.town.until(&scene.coordinator, MonthState::Closed).await;
    assert_eq!(after.tranche, closed.tranche);
    assert_eq!(after.accrued_tiyn, closed.accrued_tiyn);
    assert_eq!(scene.town.count("tranche"), 1);
    assert_eq!(scene.town.count("leaf WHERE kind = 3"), 1);
    assert_eq!(scene.town.count("ledger_entry"), 4);
}

#[tokio::test]
async fn payment_of_the_exact_sum_pays_once() {
    let scene = MonthOfChess::record().await;
    let month = scene.close().await;
    let due = month.accrued_tiyn;
    let MonthOfChess { town, coordinator } = scene;

    for wrong in [due + 1, due - 1, 0, -due, 2 * due] {
        let refused = coordinator.refused("record_payment", notice(wrong, "D-1")).await;
        assert_eq!(refused, ErrorCode::WrongSum, "{wrong}");
    }
    assert_eq!(town.count("redemption"), 0);
    // A device that does not look first gets a wrong notice into the log, and pays nothing with it.
    let number = district::MONTH.parse::<Month>().unwrap().number();
    let wrong = coordinator
        .shell
        .device()
        .with(move |device| device.record_payment(number, district::CHESS_HOUSE, due - 1, "D-1"));
    wrong.await.unwrap();
    coordinator.sync().await.receipted(1);
    town.server().close_due_months().await.unwrap();
    assert_eq!(town.count("redemption"), 0);
    assert_eq!(town.until(&coordinator, MonthState::Closed).await.tranche, month.tranche);

    for document in ["D-2", "D-2", "D-3"] {
        drop(coordinator.call::<Value>("record_payment", notice(due, document)).await);
        coordinator.sync().await.done();
    }
    let paid = town.until(&coordinator, MonthState::Paid).await;
    assert_eq!(paid.tranche, month.tranche, "paying changes no sum");
    let line =
        paid.providers.iter().find(|line| line.provider == district::CHESS_HOUSE.to_string());
    assert_eq!(line.unwrap().document.as_deref(), Some("D-2"), "the first fitting notice pays");
    // Only child 1 earned something; its part is redeemed once, under the first document.
    assert_eq!(town.count("redemption"), 1);
    assert_eq!(town.count("redemption WHERE document = 'D-2'"), 1);
    town.server().close_due_months().await.unwrap();
    assert_eq!(town.count("redemption"), 1);

    let (voucher, leaf) = (district::voucher(1).0, 2);
    let twice = town.database().execute(
        "INSERT INTO redemption (voucher, month, provider, document, notice_leaf)
         VALUES (?1, ?2, ?3, 'D-4', ?4)",
        rusqlite::params![voucher, number, district::CHESS_HOUSE.0, leaf],
    );
    assert!(twice.unwrap_err().to_string().contains("UNIQUE"), "a part is paid once");
    assert_kept_for_ever(&town.database());
}

/// Tries to change and to delete rows of every table that is only ever added to.
fn assert_kept_for_ever(database: &Connection) {
    for (table, column) in [
        ("leaf", "bytes"),
        ("node", "hash"),
        ("checkpoint", "note"),
        ("event", "hash"),
        ("tranche", "hash"),
        ("ledger_entry", "held_tiyn"),
        ("ledger_balance", "held_tiyn"),
        ("redemption", "document"),
        ("settlement", "document"),
    ] {
        let rows: i64 = database
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .expect("a count");
        assert!(rows > 0, "{table} is empty: the attempt would prove nothing");
        for attempt in
            [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")]
        {
            let refused = database.execute(&attempt, []);
            let refused = refused.expect_err(&attempt);
            assert_eq!(
                refused.sqlite_error_code(),
                Some(rusqlite::ErrorCode::ConstraintViolation),
                "{attempt}: {refused}"
            );
        }
    }
}

#[tokio::test]
async fn evidence_of_parked_events_is_kept_for_ever() {
    let town = Town::found().await;
    let noise = system_tests::batch_of([&b"noise"[..]]);
    let _answer: sync_api::BatchResponse = town.carrier().await.put_batch(noise).await.fine();
    assert_eq!(town.count("parked"), 1);
    for attempt in ["UPDATE parked SET reason = 'x'", "DELETE FROM parked"] {
        let refused = town.database().execute(attempt, []).unwrap_err();
        assert!(refused.to_string().contains("evidence stays"), "{refused}");
    }
}

#[tokio::test]
async fn files_of_a_month_wait_for_its_close() {
    let scene = MonthOfChess::record().await;
    let wire = scene.town.wire();
    let token = wire.hello(&scene.coordinator.hello().await).await.token;
    let places = ["statement/2026-09", "registry/2026-09.csv", "bundle/2026-09"];
    for place in places {
        let answer = wire.get(place, Some(&token)).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotFound, "{place}");
    }
    let refused = scene.coordinator.refused("record_payment", notice(1, "D-1")).await;
    assert_eq!(refused, ErrorCode::MonthRefused);

    scene.close().await;
    for place in places {
        assert_eq!(wire.get(place, Some(&token)).await.status, 200, "{place}");
    }
    for place in ["statement/2026-13", "statement/x", "registry/2026-09", "registry/2026-09.xml"] {
        let answer = wire.get(place, Some(&token)).await;
        assert_eq!(answer.problem().kind, ProblemKind::Malformed, "{place}");
    }
    let statement: StatementResponse = wire.get("statement/2026-09", Some(&token)).await.fine();
    let bundle: Bundle = wire.get("bundle/2026-09", Some(&token)).await.fine();
    let at = usize::try_from(statement.leaf_index).unwrap();
    assert_eq!(bundle.leaves[at].bytes, statement.statement);
    assert_eq!(bundle.leaves.len(), usize::try_from(scene.town.count("leaf")).unwrap());
    // However many leaves are taken at a time, it is the same file.
    let leaves = bundle.leaves.len();
    for at_once in [0, 1, 7, leaves - 1, leaves, leaves + 1] {
        let (pieces, count) = scene.town.bundle("2026-09", at_once as u64).await;
        assert_eq!(serde_json::from_slice::<Bundle>(&pieces).unwrap(), bundle, "{at_once}");
        assert_eq!(pieces, serde_json::to_vec(&bundle).unwrap(), "{at_once}");
        assert_eq!(count, 1 + leaves.div_ceil(at_once.max(1)));
    }
    let registry = wire.get("registry/2026-09.csv", Some(&token)).await;
    assert!(registry.media_type.starts_with("text/csv"));
    for name in district::NAMES {
        assert!(!registry.text().contains(name), "the Treasury is told no child's name");
    }
}

async fn decide(coordinator: &Phone, decision: MoneyDecision) {
    let recorded = coordinator.shell.device().with(move |device| device.record_decision(&decision));
    recorded.await.expect("it is recorded");
    coordinator.sync().await.receipted(1);
}

#[tokio::test]
async fn suspended_provider_is_paid_with_the_month_after_its_cure() {
    let scene = MonthOfChess::record().await;
    let (provider, ground) = (district::CHESS_HOUSE, attendance::Ground::TaxDebt);
    let document = "T-1".to_owned();
    let suspend = MoneyDecision::Suspend {
        provider,
        ground,
        document: document.clone(),
        evidence: None,
        debt_tiyn: Some(1),
        despite_lag: false,
    };
    decide(&scene.coordinator, suspend).await;
    close(&scene.coordinator).await;
    // Nothing is due, so that nothing is left to be paid.
    let september = scene.town.until(&scene.coordinator, MonthState::Paid).await;
    assert_eq!(september.accrued_tiyn, 0, "what was earned is held");
    let reports = scene.town.server().providers_report().await.unwrap();
    let chess = reports.iter().find(|one| one.provider == provider).unwrap();
    assert_eq!(chess.state, "SUSPENDED");
    let held = chess.suspended_tiyn.0;
    assert!(held > 0 && september.held_tiyn >= held);

    let cure = MoneyDecision::Cure { provider, ground, document, evidence: None };
    decide(&scene.coordinator, cure).await;
    let MonthOfChess { town, coordinator } = scene;
    let october: Month = "2026-10".parse().unwrap();
    town.set_clock(ledger::local_ms(october.last_day(), 720).unwrap());
    coordinator.sync().await.done();
    drop(coordinator.call::<Value>("close_month", json!({ "month": "2026-10" })).await);
    coordinator.sync().await.done();
    town.server().close_due_months().await.unwrap();
    assert_eq!(town.count(&format!("ledger_correction WHERE accrued_tiyn = {held}")), 1);
    let csv = town.server().registry(october).await.unwrap().to_csv();
    assert!(csv.contains(&format!(",2026-09,0,{held},")), "the registry names the month: {csv}");
    // Only the sum due is paid, and it settles October with September's correction.
    coordinator.sync().await.done();
    let pay = |amount: i64| {
        json!({
            "month": "2026-10", "provider": provider, "amount_tiyn": amount, "document": "D-1",
        })
    };
    assert_eq!(coordinator.refused("record_payment", pay(held + 1)).await, ErrorCode::WrongSum);
    drop(coordinator.call::<Value>("record_payment", pay(held)).await);
    coordinator.sync().await.done();
    town.server().close_due_months().await.unwrap();
    assert_eq!(town.count("settlement WHERE document = 'D-1' AND month = 202610"), 1);
    let names = StatusMap::default();
    let number = town.server().voucher_report("TEST-2026-0001", &names).await.unwrap().unwrap();
    let account = number.account.as_ref().expect("it has a contract");
    assert_eq!((account.debited_tiyn.0, account.due_tiyn.0), (held, 0), "{number:?}");
}
