//! The pages that somebody may see, and what the console calls people's duties.

use attendance::{Action, Duty};

use super::access::Visitor;
use super::words::Words;

/// Lists the pages that the visitor may see, by name.
pub(super) fn entries(visitor: &Visitor) -> Vec<(&'static str, String)> {
    if visitor.account.is_none() {
        return Vec::new();
    }
    let w = visitor.words;
    let all = [
        (Action::ReadBoard, "/console/months", w.t("months-title")),
        (Action::DecideVisit, "/console/undecided", w.t("undecided-title")),
        (Action::ReadMonth, "/console/registries", w.t("registries-title")),
        (Action::EnterPayment, "/console/payments", w.t("payments-title")),
        (Action::DecideMoney, "/console/holds", w.t("holds-title")),
        (Action::ReadMonth, "/console/vouchers", w.t("vouchers-title")),
        (Action::ReadPlan, "/console/groups", w.t("groups-title")),
        (Action::ReadBoard, "/console/staff", w.t("staff-title")),
        (Action::ReadBoard, "/console/providers", w.t("providers-title")),
        (Action::ReadBoard, "/console/admission", w.t("admission-title")),
        (Action::ReadMonth, "/console/budget", w.t("budget-title")),
        (Action::ReadMonth, "/console/parameters", w.t("parameters-title")),
        (Action::ReadMonth, "/console/calendar", w.t("calendar-title")),
        (Action::AdmitAccount, "/console/accounts", w.t("accounts-title")),
    ];
    let may = all.into_iter().filter(|(action, ..)| visitor.scope(*action).does());
    let mut entries: Vec<_> = may.map(|(_, path, name)| (path, name)).collect();
    if visitor.prepares() {
        entries.push(("/console/drafts", w.t("drafts-title")));
    }
    entries.push(("/console/transparency", w.t("transparency-title")));
    entries
}

/// Names a duty.
pub(super) fn duty(w: Words, duty: Duty) -> String {
    match duty {
        Duty::ProviderAdmin => w.t("duty-provider-admin"),
        Duty::Coordinator => w.t("duty-coordinator"),
        Duty::IssuerSpecialist => w.t("duty-issuer-specialist"),
        Duty::IssuerHead => w.t("duty-issuer-head"),
        Duty::Commission => w.t("duty-commission"),
        Duty::Treasury => w.t("duty-treasury"),
        // Nobody in the console is one of these.
        Duty::Teacher | Duty::Parent | Duty::Operator | Duty::Delegate => duty.name().to_owned(),
    }
}
