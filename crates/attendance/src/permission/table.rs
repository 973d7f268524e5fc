//! The table: data, and nothing else. The first ten rows are the rules' (R8), cell by cell.

use super::Action::{self, *};
use super::Scope::{self, *};

/// Columns: teacher, provider's administrator, coordinator, parent, issuer's specialist, issuer's head,
/// commission, Treasury, operator, delegate.
#[rustfmt::skip]
pub(super) const TABLE: [(Action, [Scope; 10]); 30] = [
    // What the rules say.
    (RecordVisit,      [OwnGroups, No,          No,          No,       No,        No,        No,      No,        No, No]),
    (EnterAbsence,     [Yes,       Yes,         No,          OwnChild, No,        No,        No,      No,        No, No]),
    (BindDevice,       [No,        Propose,     Approve,     Own,      No,        No,        No,      No,        Yes, No]),
    (CollectDevices,   [Own,       Yes,         Yes,         Own,      No,        No,        No,      No,        No, Own]),
    (ConfirmVisit,     [No,        No,          Paper,       OwnChild, No,        No,        No,      No,        No, No]),
    (SignSheet,        [No,        Yes,         No,          No,       Check,     Approve,   No,      No,        No, No]),
    (SetVoucher,       [No,        No,          No,          No,       Propose,   Yes,       No,      No,        No, No]),
    (SuspendProvider,  [No,        No,          Propose,     No,       Propose,   Yes,       Propose, No,        No, No]),
    (SeeIin,           [No,        Contract,    No,          OwnChild, YesLogged, YesLogged, Case,    No,        No, No]),
    (ChangeParameters, [No,        No,          No,          No,       Propose,   Approve,   No,      No,        Deploy, No]),
    // What the verbs of this product need beside that.
    (CarryEvents,      [Yes,       Yes,         Yes,         Yes,      Yes,       Yes,       Yes,     Yes,       No, Yes]),
    (ReadOwnChain,     [Own,       Own,         Own,         Own,      Own,       Own,       Own,     Own,       No, Own]),
    (SignTime,         [Own,       Own,         Own,         Own,      Own,       Own,       Own,     Own,       No, Own]),
    (ReadPlan,         [OwnGroups, OwnProvider, OwnProvider, OwnChild, Yes,       Yes,       No,      No,        No, OwnChild]),
    (KeepNames,        [OwnGroups, OwnProvider, No,          OwnChild, No,        No,        No,      No,        No, OwnChild]),
    (FollowChild,      [No,        No,          No,          OwnChild, No,        No,        No,      No,        YesLogged, No]),
    (HearAnswers,      [Own,       No,          No,          No,       No,        No,        No,      No,        No, No]),
    (ReadBoard,        [No,        OwnProvider, OwnProvider, No,       Yes,       Yes,       No,      No,        No, No]),
    (ReadMonth,        [No,        No,          No,          No,       YesLogged, YesLogged, Case,    YesLogged, YesLogged, No]),
    (CloseMonth,       [No,        No,          No,          No,       Propose,   Approve,   No,      No,        No, No]),
    (EnterPayment,     [No,        No,          No,          No,       Propose,   Yes,       No,      No,        No, No]),
    (ChangeLesson,     [OwnGroups, OwnProvider, OwnProvider, No,       Propose,   Yes,       No,      No,        No, No]),
    (DecideVisit,      [No,        No,          No,          No,       Propose,   Approve,   Propose, No,        No, No]),
    (DecideSheet,      [No,        No,          No,          No,       Propose,   Approve,   No,      No,        No, No]),
    (DecideMoney,      [No,        No,          No,          No,       Propose,   Approve,   No,      No,        No, No]),
    (MoveVoucher,      [No,        No,          No,          OwnChild, Propose,   Yes,       No,      No,        No, No]),
    (CorrectVisit,     [OwnGroups, No,          No,          No,       Propose,   Approve,   Propose, No,        No, No]),
    (AdmitAccount,     [No,        No,          No,          No,       No,        Yes,       No,      No,        Deploy, No]),
    (NameDelegate,     [No,        No,          No,          OwnChild, No,        No,        No,      No,        No,     No]),
    (PresentChild,     [No,        No,          No,          OwnChild, No,        No,        No,      No,        No,     OwnChild]),
];
