//! What can be signed in the console: read from a form's fields, and told in words.

use attendance::{
    BootId, Decision, EventDraft, EventKind, Finding, Ground, GroupId, TerminationCause, Verdict,
};
use ledger::{Day, Month, Snapshot, Tiyn, day_of_number, number_of_day};
use minicbor::Encode;
use seal::Hash;

use super::access::Fields;
use super::words::Words;

/// What a page that asks hands on to its script.
pub(super) const HANDED_ON: [&str; 17] = [
    "what", "provider", "month", "sha256", "document", "ground", "cause", "about", "voucher",
    "child", "group", "debt", "day", "lag", "sum", "verdict", "finding",
];

/// The most letters of a document's number.
pub(super) const DOCUMENT_LETTERS_MAX: usize = ledger::PAYMENT_DOCUMENT_LETTERS_MAX;

/// What a decision about a visit may rest on, and what it is called in forms.
pub(super) const FINDINGS: [(Finding, &str); 5] = [
    (Finding::Evidence, "evidence"),
    (Finding::Slip, "slip"),
    (Finding::Inspection, "inspection"),
    (Finding::NoEvidence, "no-evidence"),
    (Finding::Other, "other"),
];

/// What the bytes must have under a key, and how people read it.
pub(super) struct Said {
    pub(super) key: u8,
    pub(super) label: String,
    /// As the script reads it in the bytes: a number, hexadecimal, or a text.
    pub(super) value: String,
    pub(super) shown: String,
}

/// What people call what is spoken of.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    provider: String,
    group: String,
    visit: Option<String>,
}

/// Finds what a form wants signed.
fn verb(what: &str) -> Option<(EventKind, Option<Decision>)> {
    use EventKind::{
        ActSign, Adjust, DisputeResolve, GroundCured, HoldRelease, MonthClose, PaymentNotice,
        ProviderSuspend, ProviderTerminate, SheetDecide, SheetSign, Transfer, VoucherAnswer,
        VoucherSet,
    };
    Some(match what {
        "sheet-sign" => (SheetSign, None),
        "act-sign" => (ActSign, None),
        "sheet-return" => (SheetDecide, Some(Decision::Return)),
        "sheet-pause" => (SheetDecide, Some(Decision::Pause)),
        "sheet-resume" => (SheetDecide, Some(Decision::Resume)),
        "sheet-invalidate" => (SheetDecide, Some(Decision::Invalidate)),
        "suspend" => (ProviderSuspend, None),
        "cure" => (GroundCured, None),
        "end" => (ProviderTerminate, None),
        "end-confirm" => (ProviderTerminate, Some(Decision::Confirm)),
        "end-withdraw" => (ProviderTerminate, Some(Decision::Withdraw)),
        "voucher-register" => (VoucherSet, Some(Decision::Register)),
        "voucher-activate" => (VoucherSet, Some(Decision::Activate)),
        "voucher-offer" => (VoucherSet, Some(Decision::Offer)),
        "voucher-extend" => (VoucherSet, Some(Decision::Extend)),
        "voucher-expire" => (VoucherSet, Some(Decision::Expire)),
        "voucher-restore" => (VoucherSet, Some(Decision::Restore)),
        "voucher-annul" => (VoucherSet, Some(Decision::Annul)),
        "voucher-move" => (Transfer, None),
        "answer-accept" => (VoucherAnswer, Some(Decision::Accept)),
        "answer-decline" => (VoucherAnswer, Some(Decision::Decline)),
        "answer-refuse" => (VoucherAnswer, Some(Decision::Refuse)),
        "payment" => (PaymentNotice, None),
        "month-close" => (MonthClose, None),
        "visit-decide" => (DisputeResolve, None),
        "hold-pay" => (HoldRelease, Some(Decision::Pay)),
        "hold-return" => (HoldRelease, Some(Decision::Return)),
        "month-again" => (Adjust, None),
        _ => return None,
    })
}

/// Says what kind of event a form wants signed.
pub(super) fn kind_of(fields: &Fields) -> Option<EventKind> {
    verb(fields.text("what")?).map(|(kind, _)| kind)
}

/// Reads a draft; nothing if a field cannot be so. Whether none is missing, the form of the kind says.
pub(super) fn read(fields: &Fields) -> Option<EventDraft> {
    let (kind, decision) = verb(fields.text("what")?)?;
    let lag = (kind == EventKind::ProviderSuspend && fields.text("lag").is_some())
        .then_some(Decision::Confirm);
    Some(EventDraft {
        provider: parsed(fields, "provider", |text| text.parse().ok())?,
        month: parsed(fields, "month", |text| text.parse::<Month>().ok().map(Month::number))?,
        evidence: parsed(fields, "sha256", Hash::from_hex)?,
        document: parsed(fields, "document", document)?,
        ground: parsed(fields, "ground", ground)?,
        cause: parsed(fields, "cause", cause)?,
        about: parsed(fields, "about", Hash::from_hex)?,
        voucher: parsed(fields, "voucher", |text| text.parse().ok())?,
        child: parsed(fields, "child", |text| text.parse().ok())?,
        group: parsed(fields, "group", |text| text.parse::<GroupId>().ok())?,
        amount_tiyn: parsed(fields, "debt", above_nothing)?.or(parsed(
            fields,
            "sum",
            above_nothing,
        )?),
        verdict: parsed(fields, "verdict", verdict)?,
        finding: parsed(fields, "finding", finding)?,
        from_day: parsed(fields, "day", |text| text.parse::<Day>().ok().map(number_of_day))?,
        decision: decision.or(lag),
        ..EventDraft::new(kind, 0, 0, BootId([0; 8]))
    })
}

/// Reads a field that may be empty; nothing at all if it cannot be so.
fn parsed<T>(
    fields: &Fields,
    name: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<Option<T>> {
    match fields.text(name) {
        None => Some(None),
        Some(text) => read(text).map(Some),
    }
}

fn document(text: &str) -> Option<String> {
    let plain = text.chars().count() <= DOCUMENT_LETTERS_MAX && !text.chars().any(char::is_control);
    plain.then(|| text.to_owned())
}

fn verdict(word: &str) -> Option<Verdict> {
    match word {
        "was" => Some(Verdict::Was),
        "was-not" => Some(Verdict::WasNot),
        _ => None,
    }
}

fn finding(word: &str) -> Option<Finding> {
    FINDINGS.into_iter().find(|(_, of)| *of == word).map(|(finding, _)| finding)
}

fn above_nothing(text: &str) -> Option<i64> {
    Tiyn::parse_tenge(text).map(|sum| sum.0).filter(|sum| *sum > 0)
}

/// What a ground is called in forms.
pub(super) fn ground_word(ground: Ground) -> &'static str {
    match ground {
        Ground::AddressMismatch => "address-mismatch",
        Ground::TaxDebt => "tax-debt",
        Ground::PensionOverdue => "pension-overdue",
        Ground::SocialOverdue => "social-overdue",
        // One of a later release: no form has it.
        _ => "",
    }
}

/// What a cause is called in forms.
pub(super) fn cause_word(cause: TerminationCause) -> &'static str {
    match cause {
        TerminationCause::EndOfActivity => "end-of-activity",
        TerminationCause::SafetyBreach => "safety-breach",
        TerminationCause::NoService => "no-service",
        TerminationCause::CriticalBreach => "critical-breach",
        TerminationCause::NotCured => "not-cured",
        _ => "",
    }
}

fn ground(word: &str) -> Option<Ground> {
    Ground::ALL.into_iter().find(|ground| ground_word(*ground) == word)
}

fn cause(word: &str) -> Option<TerminationCause> {
    TerminationCause::ALL.into_iter().find(|cause| cause_word(*cause) == word)
}

/// Names a ground.
pub(super) fn ground_name(w: Words, ground: Ground) -> String {
    match ground {
        Ground::AddressMismatch => w.t("ground-address"),
        Ground::TaxDebt => w.t("ground-tax"),
        Ground::PensionOverdue => w.t("ground-pension"),
        Ground::SocialOverdue => w.t("ground-social"),
        // A ground of a later release.
        other => format!("{other:?}"),
    }
}

/// Names a cause.
pub(super) fn cause_name(w: Words, cause: TerminationCause) -> String {
    match cause {
        TerminationCause::EndOfActivity => w.t("cause-end-of-activity"),
        TerminationCause::SafetyBreach => w.t("cause-safety-breach"),
        TerminationCause::NoService => w.t("cause-no-service"),
        TerminationCause::CriticalBreach => w.t("cause-critical-breach"),
        TerminationCause::NotCured => w.t("cause-not-cured"),
        other => format!("{other:?}"),
    }
}

/// Names what is signed.
pub(super) fn kind_name(w: Words, kind: EventKind) -> String {
    let names = [
        (EventKind::SheetSign, w.t("kind-sheet-sign")),
        (EventKind::ActSign, w.t("kind-act-sign")),
        (EventKind::SheetDecide, w.t("kind-sheet-decide")),
        (EventKind::ProviderSuspend, w.t("kind-suspend")),
        (EventKind::GroundCured, w.t("kind-cure")),
        (EventKind::ProviderTerminate, w.t("kind-end")),
        (EventKind::VoucherSet, w.t("kind-voucher")),
        (EventKind::VoucherAnswer, w.t("kind-answer")),
        (EventKind::Transfer, w.t("kind-transfer")),
        (EventKind::PaymentNotice, w.t("kind-payment")),
        (EventKind::MonthClose, w.t("kind-close")),
        (EventKind::DisputeResolve, w.t("kind-visit")),
        (EventKind::HoldRelease, w.t("kind-hold")),
        (EventKind::Adjust, w.t("kind-adjust")),
    ];
    name_of(kind, names)
}

/// Names a decision, which of held money is another one than of a sheet.
pub(super) fn decision_name(w: Words, kind: EventKind, decision: Decision) -> String {
    let back =
        if kind == EventKind::HoldRelease { w.t("hold-return") } else { w.t("decide-return") };
    let names = [
        (Decision::Return, back),
        (Decision::Pay, w.t("hold-pay")),
        (Decision::Accept, w.t("answer-accept")),
        (Decision::Decline, w.t("answer-decline")),
        (Decision::Refuse, w.t("answer-refuse")),
        (Decision::Pause, w.t("decide-pause")),
        (Decision::Resume, w.t("decide-resume")),
        (Decision::Invalidate, w.t("decide-invalidate")),
        (Decision::Confirm, w.t("decide-confirm")),
        (Decision::Withdraw, w.t("decide-withdraw")),
        (Decision::Register, w.t("decide-register")),
        (Decision::Activate, w.t("decide-activate")),
        (Decision::Offer, w.t("decide-offer")),
        (Decision::Extend, w.t("decide-extend")),
        (Decision::Expire, w.t("decide-expire")),
        (Decision::Restore, w.t("decide-restore")),
        (Decision::Annul, w.t("decide-annul")),
    ];
    name_of(decision, names)
}

/// Names what a decision about a visit says.
pub(super) fn verdict_name(w: Words, verdict: Verdict) -> String {
    let names = [(Verdict::Was, w.t("visit-was")), (Verdict::WasNot, w.t("visit-was-not"))];
    name_of(verdict, names)
}

/// Names what a decision about a visit rests on.
pub(super) fn finding_name(w: Words, finding: Finding) -> String {
    let names = [
        (Finding::Evidence, w.t("finding-evidence")),
        (Finding::Slip, w.t("finding-slip")),
        (Finding::Inspection, w.t("finding-inspection")),
        (Finding::NoEvidence, w.t("finding-no-evidence")),
        (Finding::Other, w.t("finding-other")),
    ];
    name_of(finding, names)
}

/// Finds a name. What no form says is shown as its number.
fn name_of<T: Encode<()> + PartialEq, const N: usize>(one: T, names: [(T, String); N]) -> String {
    let found = names.into_iter().find(|(of, _)| *of == one);
    found.map_or_else(|| number(&one), |(_, name)| name)
}

/// Lists what the bytes of a draft must have beside their place and time, by their keys.
pub(super) fn said(w: Words, draft: &EventDraft, names: &Names) -> Vec<Said> {
    let mut all = SaidList::default();
    all.put(4, w.t("what"), number(&draft.kind), kind_name(w, draft.kind));
    if let Some(child) = draft.child {
        all.plain(8, w.t("child-id"), child.to_string());
    }
    if let Some(voucher) = draft.voucher {
        all.plain(9, w.t("voucher-id"), voucher.to_string());
    }
    if let Some(provider) = draft.provider {
        let shown = format!("{} ({provider})", names.provider);
        all.put(11, w.t("provider"), provider.to_string(), shown);
    }
    if let Some(about) = draft.about {
        let label =
            if draft.kind == EventKind::DisputeResolve { w.t("visit") } else { w.t("proposal") };
        let about = about.to_string();
        let named = names.visit.as_ref().map(|visit| format!("{visit} ({about})"));
        all.put(15, label, about.clone(), named.unwrap_or(about));
    }
    if let Some(month) = draft.month {
        let shown = Month::from_number(month).map_or_else(|_| String::new(), |it| it.to_string());
        all.put(16, w.t("month"), month.to_string(), shown);
    }
    if let Some(amount) = draft.amount_tiyn {
        let label = if draft.kind == EventKind::PaymentNotice { w.t("sum") } else { w.t("debt") };
        all.put(17, label, amount.to_string(), w.sum(Tiyn(amount)));
    }
    if let Some(document) = &draft.document {
        all.plain(18, w.t("document"), document.clone());
    }
    if let Some(verdict) = draft.verdict {
        all.put(28, w.t("verdict"), number(&verdict), verdict_name(w, verdict));
    }
    if let Some(finding) = draft.finding {
        all.put(29, w.t("finding"), number(&finding), finding_name(w, finding));
    }
    if let Some(group) = draft.group {
        all.put(32, w.t("group"), group.to_string(), format!("{} ({group})", names.group));
    }
    if let Some(day) = draft.from_day {
        let shown = day_of_number(day).map(|day| day.to_string()).unwrap_or_default();
        all.put(33, w.t("first-day"), day.to_string(), shown);
    }
    if let Some(ground) = draft.ground {
        all.put(34, w.t("ground"), number(&ground), ground_name(w, ground));
    }
    if let Some(cause) = draft.cause {
        all.put(35, w.t("cause"), number(&cause), cause_name(w, cause));
    }
    if let Some(evidence) = draft.evidence {
        all.plain(36, w.t("hash"), evidence.to_string());
    }
    if let Some(decision) = draft.decision {
        all.put(37, w.t("decision"), number(&decision), decision_name(w, draft.kind, decision));
    }
    all.0
}

impl Names {
    /// Finds them in the district.
    pub(super) fn of(draft: &EventDraft, district: &Snapshot) -> Self {
        let provider = draft.provider.and_then(|id| district.provider(id));
        let group = draft.group.and_then(|id| district.group(id));
        Self {
            provider: provider.map(|one| one.name.clone()).unwrap_or_default(),
            group: group.map(|one| one.name.clone()).unwrap_or_default(),
            visit: None,
        }
    }

    /// Adds how people know the visit that is spoken of.
    pub(super) fn with_visit(self, visit: Option<String>) -> Self {
        Self { visit, ..self }
    }
}

/// Gives the number that stands for a value in the signed bytes.
fn number(value: &impl Encode<()>) -> String {
    let bytes = seal::to_canonical(value);
    minicbor::decode::<u32>(&bytes).map(|number| number.to_string()).unwrap_or_default()
}

#[derive(Default)]
struct SaidList(Vec<Said>);

impl SaidList {
    fn put(&mut self, key: u8, label: String, value: String, shown: String) {
        self.0.push(Said { key, label, value, shown });
    }

    /// What is shown as it stands in the bytes.
    fn plain(&mut self, key: u8, label: String, value: String) {
        let shown = value.clone();
        self.put(key, label, value, shown);
    }
}

#[cfg(test)]
mod tests {
    use attendance::{ChainHead, DeviceId};
    use minicbor::Decoder;

    use super::*;
    use crate::http::verify::words::Language;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    /// What the script compares is what the encoding has, key by key: read here without the types.
    #[test]
    fn what_is_told_is_what_the_bytes_have() {
        let all = [
            ("provider", "a1a1a1a1a1a1a1a1"),
            ("month", "2026-09"),
            ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("document", "order 4"),
            ("ground", "social-overdue"),
            ("cause", "not-cured"),
            ("about", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("voucher", "0707070707070707"),
            ("child", "070707070707070707070707"),
            ("group", "0d0d0d0d0d0d0d0d"),
            ("debt", "1500,50"),
            ("day", "2026-11-02"),
            ("verdict", "was-not"),
            ("finding", "no-evidence"),
        ];
        for what in ["sheet-sign", "suspend", "end-withdraw", "payment", "visit-decide", "hold-pay"]
        {
            let draft = read(&fields(&[&[("what", what)], &all[..]].concat())).expect("a draft");
            let head = ChainHead { seq_next: 3, prev: Hash([9; 32]) };
            let prepared = head.prepare(draft.clone(), DeviceId([7; 8]));
            let bytes = prepared.event().to_bytes();
            let mut d = Decoder::new(&bytes);
            let mut found = std::collections::BTreeMap::new();
            for _ in 0..d.map().unwrap().expect("a length") {
                let key = d.u8().unwrap();
                let kind = d.datatype().unwrap();
                let value = if kind == minicbor::data::Type::Bytes {
                    let bytes = d.bytes().unwrap();
                    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
                } else if kind == minicbor::data::Type::String {
                    d.str().unwrap().to_owned()
                } else {
                    d.u64().unwrap().to_string()
                };
                found.insert(key, value);
            }
            let said = said(Words(Language::En), &draft, &Names::default());
            let mut told: Vec<u8> = said.iter().map(|one| one.key).collect();
            for one in &said {
                assert_eq!(found.get(&one.key), Some(&one.value), "{what}: {}", one.label);
            }
            told.extend([0, 1, 2, 3, 5, 6, 7]);
            told.sort_unstable();
            assert_eq!(told, found.into_keys().collect::<Vec<_>>(), "{what}: nothing untold");
        }
    }

    #[test]
    fn what_cannot_be_so_is_no_draft() {
        for wrong in [
            &[("what", "pay")][..],
            &[("provider", "a1a1a1a1a1a1a1a1")],
            &[("what", "suspend"), ("ground", "weather")],
            &[("what", "suspend"), ("debt", "-5")],
            &[("what", "suspend"), ("document", "a\u{7}b")],
            &[("what", "sheet-sign"), ("month", "2026-13")],
            &[("what", "sheet-sign"), ("sha256", "beef")],
            &[("what", "payment"), ("sum", "0")],
            &[("what", "payment"), ("sum", "12,345")],
            &[("what", "visit-decide"), ("verdict", "perhaps")],
            &[("what", "visit-decide"), ("finding", "hearsay")],
        ] {
            assert!(read(&fields(wrong)).is_none(), "{wrong:?}");
        }
    }
}
