//! Undo, correction, absence and the family's signature: from the screens to the ledger.

use ipc::{
    AbsenceOutcome, AbsenceReason, DayState, DocumentKeptView, DocumentView, ErrorCode, InsideView,
    LessonView, MonthState, RosterRowView, RosterView, ScanView, SheetView, SignTime, VisitView,
    Withdrawal,
};
use serde_json::{Value, json};
use system_tests::{Phone, Town, district};

use super::first_lesson;

/// 2026-10-01T09:00+05:00 and 2026-10-08T09:00+05:00.
const FIRST_OF_OCTOBER_MS: i64 = district::MAY_CLOSE_MS + 33 * 3_600_000;
const EIGHTH_OF_OCTOBER_MS: i64 = FIRST_OF_OCTOBER_MS + 7 * 86_400_000;

async fn scan(tablet: &Phone, text: &str) -> ScanView {
    let args = json!({ "lesson": first_lesson().id, "text": text, "source": "image" });
    tablet.call("record_scan", args).await
}

async fn roster(tablet: &Phone) -> RosterView {
    tablet.call("roster", json!({ "lesson": first_lesson().id })).await
}

async fn row(tablet: &Phone, child: u8) -> RosterRowView {
    let id = district::child(child).to_string();
    let row = roster(tablet).await.rows.into_iter().find(|row| row.child == id);
    row.expect("the child is on the roster")
}

async fn withdraw(tablet: &Phone, event: Option<&String>, why: Option<Withdrawal>) {
    drop(tablet.call::<Value>("withdraw", json!({ "event": event, "why": why })).await);
}

async fn sheet(parent: &Phone) -> SheetView {
    let mut sheets: Vec<SheetView> = parent.call("sheets", json!({})).await;
    sheets.retain(|sheet| sheet.month == district::MONTH);
    assert_eq!(sheets.len(), 1, "{sheets:?}");
    sheets.remove(0)
}

/// The first lesson: child 1 is undone and scanned again, child 2 withdrawn, child 3 absent.
async fn taught(town: &Town) -> Phone {
    let tablet = town.teacher().await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    tablet.open(lesson.id).await;
    let undone = scan(&tablet, &town.card(1)).await;
    assert_eq!(undone.present, 1);
    withdraw(&tablet, undone.event.as_ref(), None).await;
    assert_eq!(roster(&tablet).await.lesson.present, 0, "the counter shows it");
    assert!(row(&tablet, 1).await.withdrawn.is_some());
    let again = scan(&tablet, &town.card(1)).await;
    assert_eq!((again.outcome, again.present), (ipc::Outcome::Kept, 1));
    assert_ne!(again.event, undone.event);

    let slip = scan(&tablet, &town.card(2)).await;
    town.set_clock(lesson.start_ms + 60_000);
    withdraw(&tablet, slip.event.as_ref(), Some(Withdrawal::NotThere)).await;
    let withdrawn = row(&tablet, 2).await.withdrawn.expect("it was withdrawn");
    assert_eq!(withdrawn.why, Some(Withdrawal::NotThere));
    tablet
}

#[tokio::test]
async fn withdrawn_marks_are_not_paid_and_a_signed_month_is() {
    let town = Town::found().await;
    let tablet = taught(&town).await;
    tablet.sync().await.done();
    town.server().tag_leaves().await.expect("the leaves get their tags");
    let (one, two) = (town.parent(&[1]).await, town.parent(&[2]).await);
    for parent in [&one, &two] {
        parent.sync().await.done();
    }
    let standing = |visits: Vec<VisitView>| {
        visits.iter().map(|visit| visit.withdrawn.is_some()).collect::<Vec<_>>()
    };
    let mut first = standing(one.visits().await);
    first.sort_unstable();
    assert_eq!(first, [false, true], "the family sees both, and which was taken back");
    assert_eq!(standing(two.visits().await), [true]);

    let visit = one.visits().await.into_iter().find(|visit| visit.withdrawn.is_none());
    let visit = visit.expect("the mark that stands");
    let events = one.status().await.events;
    let unsure: VisitView = one.call("not_sure", json!({ "visit": visit.event })).await;
    assert!(unsure.not_sure_ms.is_some() && unsure.answer.is_none());
    assert_eq!(one.status().await.events, events, "nothing is signed");

    let open = sheet(&one).await;
    assert_eq!((open.attended, open.confirmed, open.sign_time), (1, 0, SignTime::Early));
    assert_eq!(open.planned as usize, district::lessons(district::CHESS).len());
    let sign = json!({ "child": district::child(1), "month": district::MONTH });
    assert_eq!(one.refused("sign_month", sign.clone()).await, ErrorCode::MonthRefused);
    town.set_clock(FIRST_OF_OCTOBER_MS);
    let mut foreign = sign.clone();
    foreign["child"] = json!(district::child(2));
    assert_eq!(one.refused("sign_month", foreign).await, ErrorCode::NotAllowed);
    drop(one.call::<Value>("sign_month", sign).await);
    one.sync().await.done();
    let signed = sheet(&one).await;
    assert_eq!((signed.confirmed, signed.unsigned, signed.sign_time), (1, false, SignTime::Now));
    assert_eq!(signed.unpaid, signed.planned - 1, "and what is not paid is said");
    assert_eq!(signed.days[0].state, DayState::Confirmed);

    town.set_clock(EIGHTH_OF_OCTOBER_MS);
    let coordinator = town.coordinator().await;
    let month = json!({ "month": district::MONTH });
    drop(coordinator.call::<Value>("close_month", month).await);
    let closed = town.until(&coordinator, MonthState::Closed).await;
    assert_eq!((closed.visits, closed.confirmed, closed.disputed), (1, 1, 0));
    assert!(closed.accrued_tiyn > 0, "{closed:?}");
}

#[tokio::test]
async fn absence_goes_to_the_log_without_its_document() {
    let town = Town::found().await;
    let (tablet, parent) = (town.teacher().await, town.parent(&[3]).await);
    let lesson = first_lesson();
    // A photograph of a sick note: the device keeps it, and the log its hash.
    let text = "/9j/4AAQSkZJRgABAQEASABIAAD/c2ljay1ub3Rl";
    let kept: DocumentKeptView = tablet.call("keep_document", json!({ "base64": text })).await;
    let refused = json!({ "base64": "aGVsbG8=" });
    assert_eq!(tablet.refused("keep_document", refused).await, ErrorCode::DocumentRefused);
    let absence = |reason: AbsenceReason, document: Option<&String>| {
        json!({
            "lesson": lesson.id, "child": district::child(3), "reason": reason,
            "number": null, "document": document,
        })
    };
    let sick = absence(AbsenceReason::Sick, None);
    let said: AbsenceOutcome = tablet.call("record_absence", sick).await;
    assert_eq!(said, AbsenceOutcome::Kept);
    let with = absence(AbsenceReason::Sick, Some(&kept.document));
    let said: AbsenceOutcome = tablet.call("record_absence", with.clone()).await;
    assert_eq!(said, AbsenceOutcome::Kept, "a document that came late");
    let seen = row(&tablet, 3).await.absence.expect("the absence");
    assert_eq!((seen.reason, seen.has_file), (Some(AbsenceReason::Sick), true));
    let file: DocumentView = tablet.call("document", json!({ "document": kept.document })).await;
    assert_eq!((file.media.as_str(), file.base64.as_str()), ("image/jpeg", text));
    tablet.sync().await.done();
    town.server().tag_leaves().await.expect("the leaves get their tags");
    let leaves = town.count("leaf WHERE instr(bytes, CAST('sick-note' AS BLOB)) > 0");
    assert_eq!(leaves, 0, "the file is in no leaf");

    parent.sync().await.done();
    let day = sheet(&parent).await.days.remove(0);
    assert_eq!(day.state, DayState::Excused);
    let shown = day.absence.expect("the absence");
    assert_eq!(
        (shown.document.as_ref(), shown.has_file, shown.own),
        (Some(&kept.document), false, false)
    );
    let other = json!({
        "lesson": lesson.id, "child": district::child(1), "reason": "sick",
        "number": "1", "document": null,
    });
    assert_eq!(parent.refused("record_absence", other).await, ErrorCode::NotAllowed);

    // The child comes after all: the mark counts.
    town.set_clock(lesson.start_ms);
    tablet.open(lesson.id).await;
    let came = scan(&tablet, &town.card(3)).await;
    assert!(came.was_absent && came.outcome == ipc::Outcome::Kept);
    let said: AbsenceOutcome = tablet.call("record_absence", with).await;
    assert_eq!(said, AbsenceOutcome::Came);

    // Who is inside is told, and a count of heads is kept.
    let inside: Vec<InsideView> = tablet.call("inside", json!({})).await;
    assert_eq!(inside.len(), 1);
    let leaves = json!({
        "lesson": lesson.id, "child": district::child(3), "reason": "no_camera",
    });
    drop(tablet.call::<Value>("record_leaving", leaves).await);
    let inside: Vec<InsideView> = tablet.call("inside", json!({})).await;
    assert!(inside.is_empty(), "{inside:?}");
    let count = json!({ "lesson": lesson.id, "count": 1 });
    let counted: LessonView = tablet.call("record_headcount", count).await;
    assert_eq!((counted.headcount, counted.present), (Some(1), 1));
    tablet.sync().await.done();
    assert_eq!(tablet.status().await.not_receipted, 0, "all of it has receipts");
    town.server().tag_leaves().await.expect("the leaves get their tags");
    parent.sync().await.done();
    assert_eq!(sheet(&parent).await.days[0].state, DayState::Awaiting);
    let known = parent.completeness().await;
    assert!(known.iter().all(|known| known.faults.is_empty()), "{known:?}");
}
