//! The table of permissions, cell by cell, against what was written down by hand from the rules.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{
    Action, Duty, EventKind, ProviderId, Role, Scope, action_of, may_make, permitted,
};

/// From the rules' R8: the words of the rules, a line for each action. No word means no.
const RULES: &str = "
    RecordVisit      | Teacher: own groups
    EnterAbsence     | Teacher: yes; ProviderAdmin: yes; Parent: own child
    BindDevice       | ProviderAdmin: request; Coordinator: approve; Parent: own; Operator: yes
    CollectDevices   | Teacher: own; ProviderAdmin: yes; Coordinator: yes; Parent: own; Delegate: own
    ConfirmVisit     | Coordinator: paper only; Parent: own child
    SignSheet        | ProviderAdmin: yes; IssuerSpecialist: check; IssuerHead: sign
    SetVoucher       | IssuerSpecialist: propose; IssuerHead: yes
    SuspendProvider  | Coordinator: report; IssuerSpecialist: propose; IssuerHead: yes; Commission: propose
    SeeIin           | ProviderAdmin: contract data; Parent: own child; IssuerSpecialist: yes, logged;\
                       IssuerHead: yes, logged; Commission: case only
    ChangeParameters | IssuerSpecialist: propose; IssuerHead: approve; Operator: deploy
    CarryEvents      | Teacher: yes; ProviderAdmin: yes; Coordinator: yes; Parent: yes; IssuerSpecialist: yes;\
                       IssuerHead: yes; Commission: yes; Treasury: yes; Delegate: yes
    ReadOwnChain     | Teacher: own; ProviderAdmin: own; Coordinator: own; Parent: own; IssuerSpecialist: own;\
                       IssuerHead: own; Commission: own; Treasury: own; Delegate: own
    SignTime         | Teacher: own; ProviderAdmin: own; Coordinator: own; Parent: own; IssuerSpecialist: own;\
                       IssuerHead: own; Commission: own; Treasury: own; Delegate: own
    ReadPlan         | Teacher: own groups; ProviderAdmin: own provider; Coordinator: own provider;\
                       Parent: own child; IssuerSpecialist: yes; IssuerHead: yes; Delegate: own child
    KeepNames        | Teacher: own groups; ProviderAdmin: own provider; Parent: own child; Delegate: own child
    FollowChild      | Parent: own child; Operator: yes, logged
    HearAnswers      | Teacher: own
    ReadBoard        | ProviderAdmin: own provider; Coordinator: own provider; IssuerSpecialist: yes;\
                       IssuerHead: yes
    ReadMonth        | IssuerSpecialist: yes, logged; IssuerHead: yes, logged; Commission: case only;\
                       Treasury: yes, logged; Operator: yes, logged
    CloseMonth       | IssuerSpecialist: propose; IssuerHead: approve
    EnterPayment     | IssuerSpecialist: propose; IssuerHead: yes
    ChangeLesson     | Teacher: own groups; ProviderAdmin: own provider; Coordinator: own provider;\
                       IssuerSpecialist: propose; IssuerHead: yes
    DecideVisit      | IssuerSpecialist: propose; IssuerHead: approve; Commission: propose
    DecideSheet      | IssuerSpecialist: propose; IssuerHead: approve
    DecideMoney      | IssuerSpecialist: propose; IssuerHead: approve
    MoveVoucher      | Parent: own child; IssuerSpecialist: propose; IssuerHead: yes
    CorrectVisit     | Teacher: own groups; IssuerSpecialist: propose; IssuerHead: approve; Commission: propose
    AdmitAccount     | IssuerHead: yes; Operator: deploy
    NameDelegate     | Parent: own child
    PresentChild     | Parent: own child; Delegate: own child
";

fn scope(word: &str) -> Scope {
    match word {
        "own" => Scope::Own,
        "own child" => Scope::OwnChild,
        "own groups" => Scope::OwnGroups,
        "own provider" => Scope::OwnProvider,
        "yes" => Scope::Yes,
        "yes, logged" => Scope::YesLogged,
        "request" | "report" | "propose" => Scope::Propose,
        "check" => Scope::Check,
        "approve" | "sign" => Scope::Approve,
        "deploy" => Scope::Deploy,
        "paper only" => Scope::Paper,
        "case only" => Scope::Case,
        "contract data" => Scope::Contract,
        other => panic!("no such word: {other}"),
    }
}

/// Every action. Whoever adds one adds it here, and its line above.
const ACTIONS: [Action; 30] = [
    Action::RecordVisit,
    Action::EnterAbsence,
    Action::BindDevice,
    Action::CollectDevices,
    Action::ConfirmVisit,
    Action::SignSheet,
    Action::SetVoucher,
    Action::SuspendProvider,
    Action::SeeIin,
    Action::ChangeParameters,
    Action::CarryEvents,
    Action::ReadOwnChain,
    Action::SignTime,
    Action::ReadPlan,
    Action::KeepNames,
    Action::FollowChild,
    Action::HearAnswers,
    Action::ReadBoard,
    Action::ReadMonth,
    Action::CloseMonth,
    Action::EnterPayment,
    Action::ChangeLesson,
    Action::DecideVisit,
    Action::DecideSheet,
    Action::DecideMoney,
    Action::MoveVoucher,
    Action::CorrectVisit,
    Action::AdmitAccount,
    Action::NameDelegate,
    Action::PresentChild,
];

/// Does not compile while an action is missing here.
fn is_listed(action: Action) -> bool {
    match action {
        Action::RecordVisit
        | Action::EnterAbsence
        | Action::BindDevice
        | Action::CollectDevices
        | Action::ConfirmVisit
        | Action::SignSheet
        | Action::SetVoucher
        | Action::SuspendProvider
        | Action::SeeIin
        | Action::ChangeParameters
        | Action::CarryEvents
        | Action::ReadOwnChain
        | Action::SignTime
        | Action::ReadPlan
        | Action::KeepNames
        | Action::FollowChild
        | Action::HearAnswers
        | Action::ReadBoard
        | Action::ReadMonth
        | Action::CloseMonth
        | Action::EnterPayment
        | Action::ChangeLesson
        | Action::DecideVisit
        | Action::DecideSheet
        | Action::DecideMoney
        | Action::MoveVoucher
        | Action::CorrectVisit
        | Action::AdmitAccount
        | Action::NameDelegate
        | Action::PresentChild => ACTIONS.contains(&action),
    }
}

#[test]
fn every_cell_is_what_the_rules_say() {
    let mut expected: BTreeMap<(String, String), Scope> = BTreeMap::new();
    let mut lines = BTreeSet::new();
    for line in RULES.lines().filter(|line| !line.trim().is_empty()) {
        let (action, cells) = line.split_once('|').expect("an action and its cells");
        let action = action.trim().to_owned();
        for cell in cells.split(';') {
            let (duty, word) = cell.split_once(':').expect("a duty and its word");
            let place = (action.clone(), duty.trim().to_owned());
            assert!(expected.insert(place, scope(word.trim())).is_none(), "{line}");
        }
        lines.insert(action);
    }
    let mut cells = 0;
    for action in ACTIONS {
        assert!(lines.remove(&format!("{action:?}")), "{action:?} has a line");
        for duty in Duty::ALL {
            let place = (format!("{action:?}"), format!("{duty:?}"));
            let said = expected.remove(&place).unwrap_or(Scope::No);
            assert_eq!(duty.scope(action), said, "{place:?}");
            cells += 1;
        }
    }
    assert_eq!((cells, lines.len()), (30 * 10, 0));
    assert!(expected.is_empty(), "cells of no action or no duty: {expected:?}");
}

const PROVIDER: Option<ProviderId> = Some(ProviderId([1; 8]));

#[test]
fn every_kind_of_event_has_an_effect_from_the_devices_that_it_should() {
    use EventKind::*;
    // Teacher, parent, coordinator of a provider, coordinator of the district, provider's administrator.
    let expected = [
        (LessonOpen, [true, false, false, false, false]),
        (LessonClose, [true, false, false, false, false]),
        (In, [true, false, false, false, false]),
        (Out, [true, false, false, false, false]),
        (Absent, [true, true, false, false, true]),
        (Correct, [true, false, false, true, false]),
        (Void, [true, false, false, true, false]),
        (Confirm, [false, true, false, false, false]),
        (Dispute, [false, true, false, false, false]),
        (MonthSign, [false, true, false, false, false]),
        (Headcount, [true, false, false, false, false]),
        (MonthClose, [false, false, false, true, false]),
        (PaymentNotice, [false, false, false, true, false]),
        (TimeAnchor, [true, true, true, true, true]),
        (DeviceRevoke, [false, true, true, true, false]), // a parent: of a delegate
        (EventRelease, [false, false, true, true, false]),
        (DisputeResolve, [false, false, false, true, false]),
        (LessonCancel, [true, false, true, true, true]),
        (LessonMove, [true, false, true, true, true]),
        (ProviderSuspend, [false, false, false, true, false]),
        (GroundCured, [false, false, false, true, false]),
        (HoldRelease, [false, false, false, true, false]),
        (ProviderTerminate, [false, false, false, true, false]),
        (Transfer, [false, true, false, true, false]),
        (Adjust, [false, false, false, true, false]),
        (SheetSign, [false, false, false, true, true]),
        (ActSign, [false, false, false, true, true]),
        (SheetDecide, [false, false, false, true, false]),
        (VoucherSet, [false, false, false, true, false]),
        (VoucherAnswer, [false, true, false, true, false]),
    ];
    let devices = [
        (Role::Teacher, PROVIDER),
        (Role::Parent, None),
        (Role::Coordinator, PROVIDER),
        (Role::Coordinator, None),
        (Role::ProviderAdmin, PROVIDER),
    ];
    for (kind, says) in expected {
        for ((role, provider), says) in devices.into_iter().zip(says) {
            assert_eq!(may_make(role, provider, kind), says, "{kind:?} of {role:?}, {provider:?}");
        }
        assert!(is_listed(action_of(kind)), "{kind:?}");
    }
}

#[test]
fn delegate_presents_and_says_nothing() {
    use EventKind::*;
    for kind in [In, Absent, Confirm, Dispute, MonthSign, DeviceRevoke, EventRelease, Transfer] {
        assert!(!may_make(Role::Delegate, None, kind), "{kind:?}");
    }
    for action in [Action::FollowChild, Action::ConfirmVisit, Action::NameDelegate] {
        assert_eq!(permitted(Role::Delegate, None, action), Scope::No, "{action:?}");
    }
    assert_eq!(permitted(Role::Delegate, None, Action::PresentChild), Scope::OwnChild);
}

#[test]
fn issuers_key_may_what_its_column_says_and_binds_no_device() {
    for action in ACTIONS {
        let own = permitted(Role::Issuer, None, action);
        assert_eq!(own, Duty::IssuerHead.scope(action), "{action:?}");
        assert_eq!(permitted(Role::Issuer, PROVIDER, action), Scope::No, "{action:?}");
    }
    use EventKind::*;
    for kind in [DeviceRevoke, EventRelease, In, Absent, Confirm, MonthSign] {
        assert!(!may_make(Role::Issuer, None, kind), "{kind:?}");
    }
    for kind in [SheetSign, ActSign, SheetDecide, ProviderSuspend, ProviderTerminate, VoucherSet] {
        assert!(may_make(Role::Issuer, None, kind), "{kind:?}");
    }
}

#[test]
fn nobody_records_and_confirms_the_same_visit() {
    for duty in Duty::ALL {
        let both = [Action::RecordVisit, Action::ConfirmVisit].map(|action| duty.scope(action));
        assert!(both.iter().any(|scope| !scope.does()), "{duty:?}");
    }
}

#[test]
fn coordinator_of_a_provider_gets_no_wider_than_it() {
    for action in [Action::ReadPlan, Action::ReadBoard] {
        assert_eq!(permitted(Role::Coordinator, PROVIDER, action), Scope::OwnProvider);
        assert_eq!(permitted(Role::Coordinator, None, action), Scope::Yes);
    }
    for action in [Action::ReadMonth, Action::CloseMonth, Action::EnterPayment] {
        assert_eq!(permitted(Role::Coordinator, PROVIDER, action), Scope::No);
        assert!(permitted(Role::Coordinator, None, action).does());
    }
}

#[test]
fn administrator_without_a_provider_may_nothing() {
    for action in ACTIONS {
        assert_eq!(permitted(Role::ProviderAdmin, None, action), Scope::No, "{action:?}");
    }
}
