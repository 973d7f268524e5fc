//! Who may do what: one table, `permission/table.rs`, that everybody asks.
//!
//! The rows are the rules' actions and the finer ones that this product's verbs need; the columns are
//! the duties of the rules. A certificate has a [`Role`], and a role has duties ([`duties`]): so a duty
//! that no certificate has yet has its column already.
//!
//! Absent on purpose: whether something is *true*. An event that its device may not make is logged like
//! any other, and has no effect.

mod table;

use crate::certificate::{DeviceCertificate, Role};
use crate::event::EventKind;
use crate::id::ProviderId;

/// What somebody is there for. The columns of the table, in this order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Duty {
    /// Opens lessons and marks children.
    Teacher,
    /// Answers for a provider: signs its sheets and acts.
    ProviderAdmin,
    /// Looks after devices and cards in the field.
    Coordinator,
    /// Answers for own children.
    Parent,
    /// Prepares the issuer's decisions.
    IssuerSpecialist,
    /// Decides for the issuer.
    IssuerHead,
    /// Looks into cases.
    Commission,
    /// Sees what is paid.
    Treasury,
    /// Runs the server, with `qatysu`.
    Operator,
    /// Brings children whom a parent entrusts to it (rules R3, 22).
    Delegate,
}

/// What may be done. The rows of the table.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Action {
    /// Opens and ends a lesson, marks who came and left, counts heads.
    RecordVisit,
    /// Says that a child is absent, and why.
    EnterAbsence,
    /// Makes tickets, changes what a device is for, revokes it, releases what it sent.
    BindDevice,
    /// Collects what devices have: hub, courier, files.
    CollectDevices,
    /// Answers about a visit, signs a month.
    ConfirmVisit,
    /// Signs a sheet or an act.
    SignSheet,
    /// Issues, activates or annuls a voucher, sets its norm.
    SetVoucher,
    /// Suspends, resumes or ends a provider's contract.
    SuspendProvider,
    /// Sees an IIN in full.
    SeeIin,
    /// Changes parameters and calendars.
    ChangeParameters,
    /// Brings events, own ones or others' that it cannot read.
    CarryEvents,
    /// Asks what the server has of the asking device's chain.
    ReadOwnChain,
    /// Puts the server's signed time into the own chain.
    SignTime,
    /// Has providers, groups and planned lessons on the device.
    ReadPlan,
    /// Has names of children on the device, for whoever stands at the door.
    KeepNames,
    /// Follows what is recorded of a child, with proofs, and who looked at it.
    FollowChild,
    /// Hears what was answered about visits that the asking device recorded.
    HearAnswers,
    /// Sees months in numbers, and how devices stand.
    ReadBoard,
    /// Has a closed month: statement, registry, audit bundle.
    ReadMonth,
    /// Closes a month.
    CloseMonth,
    /// Enters the Treasury's payment notice.
    EnterPayment,
    /// Says that a lesson is not held, or at another time.
    ChangeLesson,
    /// Decides about a visit that is disputed or cannot have been beside another.
    DecideVisit,
    /// Gives a sheet back, pauses it, lets it go on, declares it invalid.
    DecideSheet,
    /// Decides about held money, and has a closed month computed again.
    DecideMoney,
    /// Accepts a place, moves to another group, or refuses the voucher.
    MoveVoucher,
    /// Withdraws and corrects marks.
    CorrectVisit,
    /// Lets people into the console, and puts them out.
    AdmitAccount,
    /// Names who else may bring own children, and ends it.
    NameDelegate,
    /// Shows the codes of children.
    PresentChild,
}

/// How far a permission goes. What is narrower comes first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// Not at all.
    No,
    /// What a provider's contracts hold, and no more.
    Contract,
    /// Within a case that is being looked into.
    Case,
    /// From a paper that somebody else signed.
    Paper,
    /// Looks through it and gives it back; does not decide.
    Check,
    /// Says what should be done; somebody else decides.
    Propose,
    /// The asking device itself, and what it did.
    Own,
    /// The children of the certificate.
    OwnChild,
    /// The groups of the certificate.
    OwnGroups,
    /// The provider of the certificate; all of them where it names none.
    OwnProvider,
    /// Everything, and each view is logged.
    YesLogged,
    /// Everything.
    Yes,
    /// Puts into operation what was approved.
    Deploy,
    /// Decides what another may only propose.
    Approve,
}

impl Duty {
    /// All of them, in the table's order.
    pub const ALL: [Self; 10] = [
        Self::Teacher,
        Self::ProviderAdmin,
        Self::Coordinator,
        Self::Parent,
        Self::IssuerSpecialist,
        Self::IssuerHead,
        Self::Commission,
        Self::Treasury,
        Self::Operator,
        Self::Delegate,
    ];

    /// Names it in records: never changed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::ProviderAdmin => "provider_admin",
            Self::Coordinator => "coordinator",
            Self::Parent => "parent",
            Self::IssuerSpecialist => "issuer_specialist",
            Self::IssuerHead => "issuer_head",
            Self::Commission => "commission",
            Self::Treasury => "treasury",
            Self::Operator => "operator",
            Self::Delegate => "delegate",
        }
    }

    /// Finds the duty of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.name() == name)
    }

    /// Says how far a duty may do something. What stands in no row may nobody.
    #[must_use]
    pub fn scope(self, action: Action) -> Scope {
        let row = table::TABLE.iter().find(|(of, _)| *of == action);
        let cell = row.and_then(|(_, cells)| cells.get(self as usize));
        cell.copied().unwrap_or(Scope::No)
    }
}

impl Action {
    /// Names it in records: never changed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordVisit => "record_visit",
            Self::EnterAbsence => "enter_absence",
            Self::BindDevice => "bind_device",
            Self::CollectDevices => "collect_devices",
            Self::ConfirmVisit => "confirm_visit",
            Self::SignSheet => "sign_sheet",
            Self::SetVoucher => "set_voucher",
            Self::SuspendProvider => "suspend_provider",
            Self::SeeIin => "see_iin",
            Self::ChangeParameters => "change_parameters",
            Self::CarryEvents => "carry_events",
            Self::ReadOwnChain => "read_own_chain",
            Self::SignTime => "sign_time",
            Self::ReadPlan => "read_plan",
            Self::KeepNames => "keep_names",
            Self::FollowChild => "follow_child",
            Self::HearAnswers => "hear_answers",
            Self::ReadBoard => "read_board",
            Self::ReadMonth => "read_month",
            Self::CloseMonth => "close_month",
            Self::EnterPayment => "enter_payment",
            Self::ChangeLesson => "change_lesson",
            Self::DecideVisit => "decide_visit",
            Self::DecideSheet => "decide_sheet",
            Self::DecideMoney => "decide_money",
            Self::MoveVoucher => "move_voucher",
            Self::CorrectVisit => "correct_visit",
            Self::AdmitAccount => "admit_account",
            Self::NameDelegate => "name_delegate",
            Self::PresentChild => "present_child",
        }
    }
}

impl Scope {
    /// Names it in records: never changed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Contract => "contract",
            Self::Case => "case",
            Self::Paper => "paper",
            Self::Check => "check",
            Self::Propose => "propose",
            Self::Own => "own",
            Self::OwnChild => "own_child",
            Self::OwnGroups => "own_groups",
            Self::OwnProvider => "own_provider",
            Self::YesLogged => "yes_logged",
            Self::Yes => "yes",
            Self::Deploy => "deploy",
            Self::Approve => "approve",
        }
    }

    /// Tells whether something may be done, rather than proposed, looked through or copied from paper.
    #[must_use]
    pub fn does(self) -> bool {
        match self {
            Self::No | Self::Contract | Self::Case | Self::Paper | Self::Check | Self::Propose => {
                false
            }
            Self::Own
            | Self::OwnChild
            | Self::OwnGroups
            | Self::OwnProvider
            | Self::YesLogged
            | Self::Yes
            | Self::Deploy
            | Self::Approve => true,
        }
    }

    /// Tells whether something may be decided about others than the asking device and its children.
    #[must_use]
    pub fn decides(self) -> bool {
        matches!(self, Self::YesLogged | Self::Yes | Self::Deploy | Self::Approve)
    }
}

/// Says what a certificate's role is there for. The coordinator of the whole district sits at the
/// issuer's desk too, since the issuer's own key ([`Role::Issuer`]) looks after no devices.
#[must_use]
pub fn duties(role: Role, provider: Option<ProviderId>) -> &'static [Duty] {
    match (role, provider) {
        (Role::Teacher, _) => &[Duty::Teacher],
        (Role::Parent, _) => &[Duty::Parent],
        (Role::Delegate, _) => &[Duty::Delegate],
        (Role::ProviderAdmin, Some(_)) => &[Duty::ProviderAdmin],
        // One that names no provider answers for none.
        (Role::ProviderAdmin, None) => &[],
        (Role::Coordinator, Some(_)) => &[Duty::Coordinator],
        (Role::Coordinator, None) => &[Duty::Coordinator, Duty::IssuerHead],
        (Role::Issuer, None) => &[Duty::IssuerHead],
        // The issuer is of no provider.
        (Role::Issuer, Some(_)) => &[],
    }
}

/// Says how far a device may do something: as far as the widest of its duties.
#[must_use]
pub fn permitted(role: Role, provider: Option<ProviderId>, action: Action) -> Scope {
    let scopes = duties(role, provider).iter().map(|duty| duty.scope(action));
    scopes.max().unwrap_or(Scope::No)
}

/// Says what an event of a kind does.
#[must_use]
pub fn action_of(kind: EventKind) -> Action {
    match kind {
        EventKind::LessonOpen
        | EventKind::LessonClose
        | EventKind::In
        | EventKind::Out
        | EventKind::Headcount => Action::RecordVisit,
        EventKind::Correct | EventKind::Void => Action::CorrectVisit,
        EventKind::Absent => Action::EnterAbsence,
        EventKind::Confirm | EventKind::Dispute | EventKind::MonthSign => Action::ConfirmVisit,
        EventKind::MonthClose => Action::CloseMonth,
        EventKind::PaymentNotice => Action::EnterPayment,
        EventKind::TimeAnchor => Action::SignTime,
        EventKind::DeviceRevoke | EventKind::EventRelease => Action::BindDevice,
        EventKind::LessonCancel | EventKind::LessonMove => Action::ChangeLesson,
        EventKind::DisputeResolve => Action::DecideVisit,
        EventKind::ProviderSuspend | EventKind::GroundCured | EventKind::ProviderTerminate => {
            Action::SuspendProvider
        }
        EventKind::HoldRelease | EventKind::Adjust => Action::DecideMoney,
        EventKind::SheetSign | EventKind::ActSign => Action::SignSheet,
        EventKind::SheetDecide => Action::DecideSheet,
        EventKind::VoucherSet => Action::SetVoucher,
        EventKind::Transfer | EventKind::VoucherAnswer => Action::MoveVoucher,
    }
}

/// Tells whether an event of a kind has an effect when a device made it. Of whom or what it speaks is
/// another question.
#[must_use]
pub fn may_make(role: Role, provider: Option<ProviderId>, kind: EventKind) -> bool {
    let action = action_of(kind);
    let scope = permitted(role, provider, action);
    if kind == EventKind::DeviceRevoke && permitted(role, provider, Action::NameDelegate).does() {
        // Of a delegate's device.
        return true;
    }
    // What is decided about other devices is no decision about the own one.
    if action == Action::BindDevice { scope.decides() } else { scope.does() }
}

impl DeviceCertificate {
    /// Says how far the device may do something ([`permitted`]).
    #[must_use]
    pub fn permitted(&self, action: Action) -> Scope {
        permitted(self.role, self.provider, action)
    }

    /// Tells whether an event of a kind has an effect when the device made it ([`may_make`]).
    #[must_use]
    pub fn may_make(&self, kind: EventKind) -> bool {
        may_make(self.role, self.provider, kind)
    }
}
