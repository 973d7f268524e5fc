//! The forms of what can be signed, where the pages show what it is about. None signs by itself: each leads
//! to the page that asks ([`super::sign`]).

use std::collections::BTreeSet;

use attendance::{Action, ChildId, Ground, ProviderId, TerminationCause, VoucherId};
use ledger::report::{ProviderReport, VoucherReport, VoucherReportState};
use ledger::{Month, Snapshot, Tiyn};
use maud::{Markup, html};
use sync_api::{PaperResponse, SheetStandingResponse};

use super::access::Visitor;
use super::frame;
use super::statement::{DOCUMENT_LETTERS_MAX, cause_name, cause_word, ground_name, ground_word};
use super::words::Words;

const SHEET_SIGN: &str = "/console/months/sign";
const SHEET_DECIDE: &str = "/console/months/decide";
const PROVIDER: &str = "/console/providers/decide";
const VOUCHER: &str = "/console/vouchers/decide";
const FROM_PAPER: &str = "/console/vouchers/paper";
const MONTH_AGAIN: &str = "/console/vouchers/again";

/// On whose side somebody signs a provider's sheet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Side {
    Provider,
    Issuer,
}

impl Side {
    /// Says it of a visitor; nothing for whoever signs no such sheet.
    fn of(visitor: &Visitor, provider: ProviderId) -> Option<Self> {
        let office = &visitor.account.as_ref()?.office;
        if !visitor.scope(Action::SignSheet).decides() {
            return None;
        }
        match office.provider {
            None => Some(Self::Issuer),
            Some(own) => (own == provider).then_some(Self::Provider),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Issuer => "issuer",
        }
    }

    fn signed(self, paper: &PaperResponse) -> bool {
        paper.signatures.iter().any(|one| one.side == self.word())
    }
}

/// What the visitor may sign of a sheet as it stands.
pub(super) fn sheet(visitor: &Visitor, month: Month, one: &SheetStandingResponse) -> Markup {
    let w = visitor.words;
    let Some(side) = Side::of(visitor, one.provider) else { return html! {} };
    let state = one.state.as_str();
    let is_turn = match side {
        Side::Provider => matches!(state, "PARENTS" | "REVISION"),
        Side::Issuer => state == "ISSUER_REVIEW",
    };
    let of = Of { provider: one.provider, month };
    let act = one.act.as_ref().filter(|act| state == "APPROVED" && !side.signed(act));
    let late = one.supplementary.as_ref().map(|late| &late.sheet).filter(|late| {
        !side.signed(late) && (side == Side::Provider || Side::Provider.signed(late))
    });
    let decides = visitor.scope(Action::DecideSheet).decides();
    let steps = if decides { sheet_steps(w, one) } else { Vec::new() };
    if !is_turn && act.is_none() && late.is_none() && steps.is_empty() {
        return html! {};
    }
    let number = format!("number-{}", one.provider);
    html! {
        section data-testid="to-sign" data-provider=(one.provider) {
            h2 { (w.with("to-sign", &[("name", one.name.clone())])) }
            @if is_turn {
                (look(visitor, SHEET_SIGN, "sheet-sign", &of.fields(Some(&one.sheet)), &html! {
                    p { (if side == Side::Provider { w.t("sign-sheet") } else { w.t("approve-sheet") }) }
                }))
            }
            @if let Some(late) = late {
                (look(visitor, SHEET_SIGN, "sheet-sign", &of.fields(Some(late)), &html! {
                    p { (w.t("sign-late-sheet")) }
                }))
            }
            @if let Some(act) = act {
                (look(visitor, SHEET_SIGN, "act-sign", &of.fields(Some(act)), &html! {
                    p { (w.t("sign-act")) }
                    (document_field(&number, w.t("act-number"), one.act_number.as_deref()))
                }))
            }
            @if !steps.is_empty() {
                (choose(
                    visitor,
                    SHEET_DECIDE,
                    ("sheet-decide", &steps),
                    &of.fields(None),
                    w.t("document"),
                    &html! { p { (w.t("decide-sheet")) } },
                ))
            }
        }
    }
}

/// What the issuer may decide about a sheet that it does not sign.
fn sheet_steps(w: Words, one: &SheetStandingResponse) -> Vec<(&'static str, String)> {
    let mut steps = Vec::new();
    match one.state.as_str() {
        "PAID" | "CLOSED" | "INVALID" => return steps,
        "PAUSED" => steps.push(("sheet-resume", w.t("decide-resume"))),
        "PROVIDER_SIGNED" | "ISSUER_REVIEW" if one.returned.is_none() => {
            steps.push(("sheet-return", w.t("decide-return")));
            steps.push(("sheet-pause", w.t("decide-pause")));
        }
        _ => steps.push(("sheet-pause", w.t("decide-pause"))),
    }
    steps.push(("sheet-invalidate", w.t("decide-invalidate")));
    steps
}

/// Whose sheet of which month.
struct Of {
    provider: ProviderId,
    month: Month,
}

pub(super) type Pairs = Vec<(&'static str, String)>;

impl Of {
    fn fields(&self, paper: Option<&PaperResponse>) -> Pairs {
        let mut fields =
            vec![("provider", self.provider.to_string()), ("month", self.month.to_string())];
        fields.extend(paper.map(|paper| ("sha256", paper.sha256.0.to_string())));
        fields
    }
}

/// What the issuer decides about providers.
pub(super) fn provider(visitor: &Visitor, reports: &[ProviderReport]) -> Markup {
    let w = visitor.words;
    let choice = |id: &str| {
        html! {
            label for=(id) { (w.t("provider")) }
            select id=(id) name="provider" {
                @for one in reports { option value=(one.provider) { (one.name) } }
            }
        }
    };
    let grounds = |id: &str| {
        html! {
            label for=(id) { (w.t("ground")) }
            select id=(id) name="ground" {
                @for one in Ground::ALL { option value=(ground_word(one)) { (ground_name(w, one)) } }
            }
        }
    };
    let lags = reports.iter().any(|one| one.payer_lag_tiyn > Tiyn::ZERO);
    html! {
        @for one in reports { (proposal(visitor, one)) }
        (look(visitor, PROVIDER, "suspend", &Vec::new(), &html! {
            h2 { (w.t("suspend-title")) }
            (choice("suspend-provider"))
            (grounds("suspend-ground"))
            (document_field("suspend-document", w.t("document"), None))
            label for="suspend-debt" { (w.t("debt-optional")) }
            input #suspend-debt name="debt" inputmode="decimal" maxlength="24" autocomplete="off";
            @if lags {
                label for="suspend-lag" { (w.t("despite-lag")) }
                select #suspend-lag name="lag" { option value="" { (w.t("no")) } option { (w.t("yes")) } }
            }
            (evidence_field(w, "suspend-evidence"))
        }))
        (look(visitor, PROVIDER, "cure", &Vec::new(), &html! {
            h2 { (w.t("cure-title")) }
            (choice("cure-provider"))
            (grounds("cure-ground"))
            (document_field("cure-document", w.t("document"), None))
            (evidence_field(w, "cure-evidence"))
        }))
        (look(visitor, PROVIDER, "end", &Vec::new(), &html! {
            h2 { (w.t("end-title")) }
            p { (w.t("end-lead")) }
            (choice("end-provider"))
            label for="end-cause" { (w.t("cause")) }
            select #end-cause name="cause" {
                @for one in TerminationCause::ALL { option value=(cause_word(one)) { (cause_name(w, one)) } }
            }
            (document_field("end-document", w.t("document"), None))
            (evidence_field(w, "end-evidence"))
        }))
    }
}

/// A proposal to end a provider's contracts, before the second person.
fn proposal(visitor: &Visitor, one: &ProviderReport) -> Markup {
    let w = visitor.words;
    let Some(event) = &one.proposal else { return html! {} };
    let about = vec![("provider", one.provider.to_string()), ("about", event.clone())];
    let cause = one.termination.map(|(cause, _)| cause_name(w, cause)).unwrap_or_default();
    html! {
        section data-testid="proposal" data-provider=(one.provider) {
            h2 { (w.with("proposal-title", &[("name", one.name.clone())])) }
            p { (cause) }
            (look(visitor, PROVIDER, "end-confirm", &about, &html! { p { (w.t("confirm-lead")) } }))
            (look(visitor, PROVIDER, "end-withdraw", &about, &html! { p { (w.t("withdraw-lead")) } }))
        }
    }
}

/// Entering a voucher.
pub(super) fn register(visitor: &Visitor, new: VoucherId) -> Markup {
    let w = visitor.words;
    let of = vec![("voucher", new.to_string())];
    look(
        visitor,
        VOUCHER,
        "voucher-register",
        &of,
        &html! {
            h2 { (w.t("register-title")) }
            label for="register-child" { (w.t("child-id")) }
            input #register-child name="child" required maxlength="24" autocomplete="off" spellcheck="false";
            (document_field("register-number", w.t("voucher-number"), None))
        },
    )
}

/// What the issuer may say of a voucher where it stands.
pub(super) fn voucher(
    visitor: &Visitor,
    one: &VoucherReport,
    child: ChildId,
    district: &Snapshot,
) -> Markup {
    use VoucherReportState::{
        Active, Annulled, Booked, Completed, Contracted, Expired, Refused, Registered,
    };
    let w = visitor.words;
    let of = vec![("voucher", one.voucher.to_string()), ("child", child.to_string())];
    let (activate, extend) =
        (("voucher-activate", w.t("decide-activate")), ("voucher-extend", w.t("decide-extend")));
    let (expire, restore) =
        (("voucher-expire", w.t("decide-expire")), ("voucher-restore", w.t("decide-restore")));
    let annul = ("voucher-annul", w.t("decide-annul"));
    let steps = match one.state {
        Registered => vec![activate, annul],
        Active => vec![expire, annul],
        Booked => vec![extend, annul],
        Contracted => vec![annul],
        Expired => vec![restore, annul],
        Completed | Refused | Annulled => return html! {},
    };
    let open = one.steps.iter().rev().find(|step| step.proposed);
    let second = open.map(|step| {
        let mut fields = of.clone();
        fields.push(("about", step.event.clone()));
        fields
    });
    html! {
        @if let Some(second) = &second {
            (look(visitor, VOUCHER, "voucher-annul", second, &html! {
                h2 { (w.t("annul-second-title")) }
                p { (w.t("annul-second-lead")) }
                (document_field("second-document", w.t("document"), None))
            }))
        } @else {
            (choose(visitor, VOUCHER, ("voucher-step", &steps), &of, w.t("document"), &html! {
                h2 { (w.t("voucher-step-title")) }
            }))
        }
        @if one.state == Active {
            (look(visitor, VOUCHER, "voucher-offer", &of, &html! {
                h2 { (w.t("offer-title")) }
                label for="offer-group" { (w.t("group")) }
                select #offer-group name="group" { (groups(district)) }
                (document_field("offer-document", w.t("document"), None))
            }))
        }
    }
}

/// What the issuer enters of a voucher from a family's paper.
pub(super) fn voucher_paper(
    visitor: &Visitor,
    one: &VoucherReport,
    child: ChildId,
    district: &Snapshot,
) -> Markup {
    use VoucherReportState::{
        Active, Annulled, Booked, Completed, Contracted, Expired, Refused, Registered,
    };
    let w = visitor.words;
    let of = vec![("voucher", one.voucher.to_string()), ("child", child.to_string())];
    let refuse = ("answer-refuse", w.t("answer-refuse"));
    let answers = match one.state {
        Active => vec![("answer-accept", w.t("answer-accept")), refuse],
        Booked => vec![("answer-decline", w.t("answer-decline")), refuse],
        Contracted => vec![refuse],
        Registered | Completed | Expired | Refused | Annulled => return html! {},
    };
    html! {
        (choose(visitor, FROM_PAPER, ("voucher-answer", &answers), &of, w.t("family-paper"), &html! {
            h2 { (w.t("answer-title")) }
        }))
        @if one.state == Contracted {
            (look(visitor, FROM_PAPER, "voucher-move", &of, &html! {
                h2 { (w.t("transfer-title")) }
                label for="move-group" { (w.t("group")) }
                select #move-group name="group" { (groups(district)) }
                label for="move-day" { (w.t("transfer-day")) }
                input #move-day name="day" type="date";
                (document_field("move-document", w.t("family-paper"), None))
            }))
        }
    }
}

/// A closed month of a voucher that the issuer has computed again.
pub(super) fn month_again(visitor: &Visitor, one: &VoucherReport) -> Markup {
    let w = visitor.words;
    let closed = one.parts.iter().filter(|part| part.close_leaf.is_some());
    let months: BTreeSet<Month> = closed.map(|part| part.month).collect();
    if months.is_empty() {
        return html! {};
    }
    let of = vec![("voucher", one.voucher.to_string())];
    look(
        visitor,
        MONTH_AGAIN,
        "month-again",
        &of,
        &html! {
            h2 { (w.t("adjust-title")) }
            label for="again-month" { (w.t("month")) }
            select #again-month name="month" { @for month in months { option { (month) } } }
            (document_field("again-document", w.t("case-number"), None))
        },
    )
}

fn groups(district: &Snapshot) -> Markup {
    html! {
        @for group in &district.groups {
            @let of = district.provider(group.provider).map(|one| one.name.as_str());
            option value=(group.id) { (of.unwrap_or_default()) ", " (group.name) }
        }
    }
}

/// A form that leads to the page that asks.
pub(super) fn look(
    visitor: &Visitor,
    action: &str,
    what: &str,
    of: &Pairs,
    body: &Markup,
) -> Markup {
    frame::form(
        visitor,
        action,
        &html! {
            input type="hidden" name="what" value=(what);
            (hidden(of))
            (body)
            button data-testid=(what) { (visitor.words.t("look-first")) }
        },
    )
}

/// A form that leads to the page that asks, with a choice of what is decided, the document it rests on and the
/// hash of its file.
/// `name` tells the form from others; its fields are told apart by what they are about.
pub(super) fn choose(
    visitor: &Visitor,
    action: &str,
    (name, choices): (&str, &[(&str, String)]),
    of: &Pairs,
    document: String,
    lead: &Markup,
) -> Markup {
    let w = visitor.words;
    let about: String = of.iter().map(|(_, value)| format!("-{value}")).collect();
    let (what, paper) = (format!("{name}-what{about}"), format!("{name}-document{about}"));
    let evidence = format!("{name}-evidence{about}");
    frame::form(
        visitor,
        action,
        &html! {
            (lead)
            (hidden(of))
            label for=(what) { (w.t("decision")) }
            select id=(what) name="what" {
                @for (what, name) in choices { option value=(what) { (name) } }
            }
            (document_field(&paper, document, None))
            (evidence_field(w, &evidence))
            button data-testid=(name) { (w.t("look-first")) }
        },
    )
}

pub(super) fn hidden(fields: &Pairs) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

pub(super) fn document_field(id: &str, label: String, value: Option<&str>) -> Markup {
    html! {
        label for=(id) { (label) }
        input id=(id) name="document" value=[value] required maxlength=(DOCUMENT_LETTERS_MAX) autocomplete="off";
    }
}

/// The hash of a document's file. The file is chosen in the browser and stays there (`files.js`); without the
/// script the hash is typed.
pub(super) fn evidence_field(w: Words, id: &str) -> Markup {
    let (file, unread) = (format!("{id}-file"), format!("{id}-unread"));
    html! {
        details {
            summary { (w.t("evidence-title")) }
            label for=(file) { (w.t("evidence-file")) }
            input id=(file) type="file" data-hash-into=(id) data-unread=(unread);
            p.warn id=(unread) role="alert" hidden { (w.t("evidence-unread")) }
            label for=(id) { (w.t("hash")) }
            input id=(id) name="sha256" pattern="[0-9a-f]{64}" maxlength="64" spellcheck="false" autocomplete="off";
        }
    }
}

/// A table: the text of a CSV file that is chosen in the browser (`files.js`), or what was copied out of one.
pub(super) fn table_field(w: Words) -> Markup {
    html! {
        label for="file" { (w.t("table-file")) }
        input #file type="file" accept=".csv,text/csv,text/plain" data-text-into="table" data-unread="unread";
        p.warn #unread role="alert" hidden { (w.t("table-unread")) }
        label for="table" { (w.t("table-text")) }
        textarea #table name="table" required rows="8" spellcheck="false" {}
    }
}
