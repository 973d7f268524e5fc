//! Who signed which sheet and act, and what states follow (R4, 25–29).

use attendance::{Decision, Event, EventKind, Role};
use ledger::report::voucher_report;
use ledger::signing::{
    SheetPart, SheetStanding, SheetState, SheetStatement, SignedMonth, SigningRefusal,
};
use ledger::voucher::{PartState, StatusMap};
use ledger::{Holder, Registry, Tiyn, compute_closed};
use seal::Hash;

use crate::fixture::*;
use crate::year::*;

fn admin() -> Device {
    Device { id: 6, role: Role::ProviderAdmin, provider: Some(ALIYA), child: None }
}

fn admin_of_barys() -> Device {
    Device { id: 7, provider: Some(BARYS), ..admin() }
}

/// September at Aliya: child 2 came always and is confirmed, child 3 came once and nobody answered.
fn attended() -> (Log, Hash) {
    let mut log = autumn();
    log.attend(2, CHESS, ("2026-09-01", "2026-09-30"), 13);
    let lesson = log.lesson(CHESS, "2026-09-23");
    let waiting = log.scan(teacher(), 3, lesson);
    (log, waiting)
}

impl Log {
    fn signed_month(&self, today: &str) -> SignedMonth {
        let history = self.history();
        let month = match history.closed(&self.events, september()) {
            Some(_) => {
                let tranche = self.tranche_of(september());
                SignedMonth::of_tranche(&self.snapshot, &self.events, &tranche, date(today))
            }
            None => SignedMonth::of_open(&history, &self.events, september(), date(today)),
        };
        month.unwrap().unwrap()
    }

    fn aliya(&self, today: &str) -> SheetStanding {
        self.signed_month(today).sheet(ALIYA).unwrap().clone()
    }

    fn sign_sheet(&mut self, device: Device, day: &str, sheet: Hash) {
        let event = Event {
            provider: Some(ALIYA),
            month: Some(september().number()),
            evidence: Some(sheet),
            ..blank(EventKind::SheetSign)
        };
        self.say(device, day, event);
    }

    fn sign_act(&mut self, device: Device, day: &str, (act, number): (Hash, &str)) {
        let event = Event {
            provider: Some(ALIYA),
            month: Some(september().number()),
            evidence: Some(act),
            document: Some(number.to_owned()),
            ..blank(EventKind::ActSign)
        };
        self.say(device, day, event);
    }

    fn decide_sheet(&mut self, device: Device, day: &str, decision: Decision) {
        let event = Event {
            provider: Some(ALIYA),
            month: Some(september().number()),
            decision: Some(decision),
            document: Some("order 9".to_owned()),
            ..blank(EventKind::SheetDecide)
        };
        self.say(device, day, event);
    }

    /// Both sign sheet and act as they should.
    fn sign_all(&mut self) {
        let sheet = self.aliya("2026-10-01").sheet_hash;
        self.sign_sheet(admin(), "2026-10-08", sheet);
        self.sign_sheet(coordinator(), "2026-10-12", sheet);
        let act = self.aliya("2026-10-12").act_hash.unwrap();
        self.sign_act(admin(), "2026-10-14", (act, "A-1"));
        self.sign_act(coordinator(), "2026-10-16", (act, "A-1"));
    }

    fn why(&self) -> Vec<SigningRefusal> {
        self.aliya("2026-10-20").refused.iter().map(|one| one.why).collect()
    }
}

fn state(log: &Log, today: &str) -> (SheetState, Option<Holder>) {
    let sheet = log.aliya(today);
    (sheet.state, sheet.at.map(|at| at.holder))
}

#[test]
fn a_sheet_goes_its_whole_way() {
    let (mut log, _) = attended();
    assert_eq!(state(&log, "2026-09-10"), (SheetState::Open, Some(Holder::Teacher)));
    assert_eq!(state(&log, "2026-10-05"), (SheetState::Parents, Some(Holder::Parent)));
    assert_eq!(state(&log, "2026-10-08"), (SheetState::Parents, Some(Holder::Provider)));
    let open = log.aliya("2026-10-08");
    assert_eq!((open.act, open.due, open.supplementary), (None, None, None), "not closed");
    log.sign_sheet(admin(), "2026-10-08", open.sheet_hash);
    assert_eq!(state(&log, "2026-10-08"), (SheetState::ProviderSigned, Some(Holder::Issuer)));
    log.close();
    let closed = log.aliya("2026-10-08");
    assert_eq!(closed.state, SheetState::IssuerReview, "the close changed no row");
    log.sign_sheet(coordinator(), "2026-10-12", closed.sheet_hash);
    assert_eq!(state(&log, "2026-10-12"), (SheetState::Approved, Some(Holder::Provider)));
    let act = log.aliya("2026-10-12");
    let hash = act.act_hash.unwrap();
    assert_eq!(act.act.unwrap().due, Tiyn(3_000_000));
    log.sign_act(admin(), "2026-10-14", (hash, "A-1"));
    assert_eq!(state(&log, "2026-10-14"), (SheetState::Approved, Some(Holder::Issuer)));
    log.sign_act(coordinator(), "2026-10-16", (hash, "A-1"));
    let acted = log.aliya("2026-10-16");
    assert_eq!((acted.state, acted.act_number.as_deref()), (SheetState::Acted, Some("A-1")));
    assert_eq!(acted.at.unwrap().since, date("2026-10-16"));
    log.notice(ALIYA, 3_000_000, "D-1");
    let paid = log.aliya("2026-10-18");
    assert_eq!((paid.state, paid.at), (SheetState::Paid, None));
    assert_eq!(paid.paid.unwrap().0, "D-1");
    assert_eq!(log.aliya("2026-10-29").state, SheetState::Closed, "day 28 is over");
    assert_eq!(log.why(), []);
}

#[test]
fn a_signature_over_other_bytes_is_told_and_counts_for_nothing() {
    let (mut log, waiting) = attended();
    let before = log.aliya("2026-10-05").sheet_hash;
    log.sign_sheet(admin(), "2026-10-05", before);
    assert_eq!(log.aliya("2026-10-05").state, SheetState::ProviderSigned);
    // A family answers afterwards: the sheet is another one.
    log.about(parent_of(3), EventKind::Confirm, waiting);
    let sheet = log.aliya("2026-10-06");
    assert_eq!(sheet.state, SheetState::Parents);
    let expected = sheet.sheet_hash;
    assert_ne!(expected, before);
    assert_eq!(log.why(), [SigningRefusal::OtherBytes { expected, found: before }]);
    log.sign_sheet(admin(), "2026-10-07", expected);
    log.close();
    assert_eq!(log.aliya("2026-10-08").state, SheetState::IssuerReview);
    log.sign_sheet(coordinator(), "2026-10-09", before);
    assert_eq!(log.aliya("2026-10-09").state, SheetState::IssuerReview);
    assert_eq!(log.aliya("2026-10-09").refused.len(), 2);
}

#[test]
fn only_the_right_side_signs_and_in_its_turn() {
    let (mut log, _) = attended();
    let sheet = log.aliya("2026-10-05").sheet_hash;
    for device in [teacher(), parent_of(2), administrator(), admin_of_barys()] {
        log.sign_sheet(device, "2026-10-05", sheet);
    }
    assert_eq!(log.why(), [SigningRefusal::WrongRole; 4]);
    log.sign_sheet(coordinator(), "2026-10-05", sheet);
    assert_eq!(log.why().last(), Some(&SigningRefusal::NotSigned));
    log.sign_sheet(admin(), "2026-10-05", sheet);
    log.sign_sheet(coordinator(), "2026-10-05", sheet);
    assert_eq!(log.why().last(), Some(&SigningRefusal::OpenMonth));
    log.close();
    let act = log.aliya("2026-10-05").act_hash.unwrap();
    log.sign_act(admin(), "2026-10-06", (act, "A-1"));
    assert_eq!(log.why().last(), Some(&SigningRefusal::NotApproved));
    log.sign_sheet(coordinator(), "2026-10-07", sheet);
    log.sign_sheet(admin(), "2026-10-08", sheet);
    assert_eq!(log.why().last(), Some(&SigningRefusal::Approved));
    log.sign_act(coordinator(), "2026-10-09", (act, "A-1"));
    log.sign_act(admin(), "2026-10-09", (act, "A-2"));
    assert_eq!(log.why().last(), Some(&SigningRefusal::OtherNumber));
    log.sign_act(admin(), "2026-10-09", (sheet, "A-1"));
    let other = SigningRefusal::OtherBytes { expected: act, found: sheet };
    assert_eq!(log.why().last(), Some(&other), "the sheet is not the act");
    log.decide_sheet(admin(), "2026-10-09", Decision::Pause);
    assert_eq!(log.why().last(), Some(&SigningRefusal::WrongRole));
    assert_eq!(log.aliya("2026-10-09").state, SheetState::Approved);
}

#[test]
fn the_issuer_gives_a_sheet_back_once() {
    let (mut log, _) = attended();
    log.close();
    let sheet = log.aliya("2026-10-05").sheet_hash;
    log.decide_sheet(coordinator(), "2026-10-07", Decision::Return);
    assert_eq!(log.why(), [SigningRefusal::NotSigned]);
    log.sign_sheet(admin(), "2026-10-08", sheet);
    log.decide_sheet(coordinator(), "2026-10-09", Decision::Return);
    let back = log.aliya("2026-10-10");
    assert_eq!(back.state, SheetState::Revision);
    // The 9th is a Friday: two working days end on Tuesday.
    let at = back.at.unwrap();
    assert_eq!((at.holder, at.until, at.late), (Holder::Provider, date("2026-10-13"), false));
    assert!(log.aliya("2026-10-14").at.unwrap().late);
    log.sign_sheet(coordinator(), "2026-10-12", sheet);
    assert_eq!(log.why().last(), Some(&SigningRefusal::NotSigned));
    log.sign_sheet(admin(), "2026-10-12", sheet);
    assert_eq!(log.aliya("2026-10-12").state, SheetState::IssuerReview);
    log.decide_sheet(coordinator(), "2026-10-13", Decision::Return);
    assert_eq!(log.why().last(), Some(&SigningRefusal::AlreadyReturned));
    log.sign_sheet(coordinator(), "2026-10-13", sheet);
    assert_eq!(log.aliya("2026-10-13").state, SheetState::Approved);
    log.decide_sheet(coordinator(), "2026-10-13", Decision::Return);
    assert_eq!(log.why().last(), Some(&SigningRefusal::Approved), "nothing changes any more");
}

#[test]
fn a_paused_sheet_stands_still_and_an_invalid_one_for_good() {
    let (mut log, _) = attended();
    log.close();
    let sheet = log.aliya("2026-10-05").sheet_hash;
    log.decide_sheet(coordinator(), "2026-10-05", Decision::Resume);
    assert_eq!(log.why(), [SigningRefusal::NotPaused]);
    log.decide_sheet(coordinator(), "2026-10-05", Decision::Pause);
    log.sign_sheet(admin(), "2026-10-06", sheet);
    assert_eq!(log.why().last(), Some(&SigningRefusal::Paused));
    assert_eq!(log.aliya("2026-10-06").state, SheetState::Paused);
    log.decide_sheet(coordinator(), "2026-10-07", Decision::Resume);
    log.sign_all();
    assert_eq!(log.aliya("2026-10-17").state, SheetState::Acted);
    log.decide_sheet(coordinator(), "2026-10-17", Decision::Pause);
    assert_eq!(log.aliya("2026-10-17").withheld(), Some("the sheet is paused"));
    log.decide_sheet(coordinator(), "2026-10-17", Decision::Invalidate);
    let end = log.aliya("2026-10-17");
    assert_eq!(
        (end.state, end.invalid.unwrap().document.as_str()),
        (SheetState::Invalid, "order 9")
    );
    log.decide_sheet(coordinator(), "2026-10-18", Decision::Resume);
    assert_eq!(log.why().last(), Some(&SigningRefusal::Final));
    log.decide_sheet(coordinator(), "2026-10-18", Decision::Pay);
    assert_eq!(log.why().last(), Some(&SigningRefusal::Final));
}

#[test]
fn late_rows_are_in_a_supplementary_sheet_until_its_last_day() {
    let (mut log, waiting) = attended();
    log.close();
    let first = log.aliya("2026-10-09").supplementary.unwrap();
    assert_eq!((first.statement.part, first.until), (SheetPart::Supplementary, date("2026-10-28")));
    let vouchers: Vec<_> = first.statement.rows.iter().map(|row| row.voucher).collect();
    assert_eq!(vouchers, [voucher(3)], "the confirmed rows wait for nobody");
    assert_eq!((first.statement.totals.accrued, first.statement.rows[0].pending), (Tiyn(0), 1));
    log.sign_all();
    let confirm =
        Event { about: Some(waiting), child: Some(child(3)), ..blank(EventKind::Confirm) };
    log.say(parent_of(3), "2026-10-28", confirm);
    let late = log.aliya("2026-10-28");
    assert_eq!(late.state, SheetState::Acted, "the sheet itself stays");
    let second = late.supplementary.unwrap();
    assert_eq!((second.statement.rows[0].payable, second.statement.rows[0].pending), (1, 0));
    assert!(second.statement.totals.accrued > Tiyn(0));
    log.notice(ALIYA, 3_000_000, "D-1");
    log.sign_sheet(coordinator(), "2026-10-28", second.hash);
    assert_eq!(log.why().last(), Some(&SigningRefusal::NotSigned));
    log.sign_sheet(admin(), "2026-10-28", second.hash);
    log.sign_sheet(coordinator(), "2026-10-28", second.hash);
    let signed = log.aliya("2026-10-28").supplementary.unwrap();
    assert!(signed.signed.is_some() && signed.approved.is_some());
    // What is answered after that day is a case of a later month.
    let again = log.aliya("2026-10-28").supplementary.unwrap().hash;
    let dispute =
        Event { about: Some(waiting), child: Some(child(3)), ..blank(EventKind::Dispute) };
    log.say(parent_of(3), "2026-10-29", dispute);
    assert_eq!(log.aliya("2026-10-29").supplementary.unwrap().hash, again);
}

#[test]
fn signatures_move_no_money_and_a_signed_part_is_acted() {
    let (mut log, _) = attended();
    log.close();
    let tranche = log.tranche_of(september());
    let part = |log: &Log| {
        let names = StatusMap::default();
        let today = date("2026-10-20");
        let report = voucher_report(&log.history(), &log.events, "2026-0002", today, &names);
        report.unwrap().unwrap().0.parts[0].clone()
    };
    assert_eq!((part(&log).state, part(&log).act), (PartState::Earned, None));
    log.sign_all();
    assert_eq!(log.tranche_of(september()).to_bytes(), tranche.to_bytes());
    let acted = part(&log);
    assert_eq!(acted.state, PartState::Acted);
    assert_eq!(acted.act.map(|act| act.number).as_deref(), Some("A-1"));
    log.notice(ALIYA, 3_000_000, "D-1");
    assert_eq!(part(&log).state, PartState::Paid);
    // A later month comes out as if nobody had signed.
    let mut bare = log.clone();
    let signs = [EventKind::SheetSign, EventKind::ActSign, EventKind::SheetDecide];
    bare.events.retain(|one| !signs.contains(&one.event.kind));
    for log in [&mut log, &mut bare] {
        log.close_of(month("2026-10"));
    }
    let october = |log: &Log| {
        let history = log.history();
        let leaf = history.closed(&log.events, month("2026-10")).unwrap().leaf;
        let basis = ledger::TrancheBasis { tree_size: leaf + 1, ..log.basis() };
        compute_closed(&history, &log.events, month("2026-10"), basis).unwrap()
    };
    let (signed, unsigned) = (october(&log), october(&bare));
    assert_eq!((signed.lines, signed.totals), (unsigned.lines, unsigned.totals));
}

#[test]
fn where_the_rules_say_so_the_registry_has_signed_acts_only() {
    let (mut log, _) = attended();
    log.attend(4, JUDO, ("2026-09-01", "2026-09-30"), 9);
    log.close();
    let registry = |log: &Log| {
        let tranche = log.tranche_of(september());
        let withheld = log.signed_month("2026-10-20").withheld();
        Registry::of_signed(&tranche, &log.snapshot, 9, &withheld).unwrap()
    };
    let all = registry(&log);
    assert_eq!((all.lines.len(), all.withheld.len()), (4, 0), "the rules do not ask");
    assert_eq!(
        all,
        Registry::from_tranche(&log.tranche_of(september()), &log.snapshot, 9).unwrap()
    );
    log.snapshot.params[0].signed_acts_required = true;
    let none = registry(&log);
    assert_eq!((none.lines.len(), none.withheld.len()), (0, 4));
    assert_eq!(none.totals.accrued, Tiyn(0));
    log.sign_all();
    let some = registry(&log);
    assert_eq!((some.lines.len(), some.withheld.len()), (3, 1));
    assert_eq!(some.withheld[0].voucher_number, "2026-0004");
    assert_eq!(some.withheld[0].reason, "the provider has not signed the sheet");
    assert_eq!(some.totals.accrued, Tiyn(3_000_000));
    assert!(some.to_json().contains("the provider has not signed the sheet"));
}

#[test]
fn a_sheet_is_one_encoding_and_an_unknown_version_is_refused() {
    let (log, _) = attended();
    let sheet = log.aliya("2026-10-05").sheet;
    assert_eq!(SheetStatement::parse(&sheet.to_bytes()).unwrap(), sheet);
    let later = SheetStatement { version: 2, ..sheet.clone() };
    assert!(SheetStatement::parse(&later.to_bytes()).is_err());
    let longer = [&sheet.to_bytes()[..], &[0]].concat();
    assert!(SheetStatement::parse(&longer).is_err());
}
