//! A sheet in lines for people.

use ledger::Tiyn;
use ledger::signing::SheetStatement;
use sync_api::{PaperResponse, SheetDecisionResponse, SheetStandingResponse};

use crate::console::Console;

/// Tells where a sheet stands and who signed it.
pub(super) fn standing(one: &SheetStandingResponse, console: Console) {
    console.line(format!("{} {}: {}", one.provider, one.name, one.state));
    if let Some(at) = &one.holder {
        let late = if at.late { ", late" } else { "" };
        console.line(format!(
            "  holder    {} since {}, until {}{late}",
            at.holder, at.since, at.until
        ));
    }
    paper("sheet", &one.sheet, console);
    if let Some(act) = &one.act {
        paper("act", act, console);
        let due = Tiyn(one.due_tiyn.unwrap_or_default());
        let number = one.act_number.as_deref().unwrap_or("without a number yet");
        console.line(format!("  due       {due} tenge, act {number}"));
    }
    if let Some(late) = &one.supplementary {
        paper(&format!("until {}", late.until), &late.sheet, console);
    }
    decision("returned", one.returned.as_ref(), console);
    decision("paused", one.paused.as_ref(), console);
    decision("invalid", one.invalid.as_ref(), console);
    if let Some(document) = &one.document {
        let leaf = one.payment_leaf.map(|leaf| format!(", leaf {leaf}")).unwrap_or_default();
        console.line(format!("  paid      by {document}{leaf}"));
    }
    if let Some(why) = &one.withheld {
        console.line(format!("  registry  without it: {why}"));
    }
    for refused in &one.refused {
        console.line(format!(
            "  nothing   leaf {} of {}: {}",
            refused.leaf, refused.device, refused.why
        ));
    }
}

fn paper(name: &str, given: &PaperResponse, console: Console) {
    console.line(format!("  {name:<9} {}", given.sha256.0));
    for signature in &given.signatures {
        let day = signature.on.as_deref().unwrap_or("no day");
        let (side, key, leaf) = (&signature.side, &signature.key_id, signature.leaf);
        let foreign = signature.foreign.as_ref();
        let foreign = foreign.map(|it| format!(", names one by {it} (not verified)"));
        let foreign = foreign.unwrap_or_default();
        console.line(format!("  signed    by the {side}, key {key}, {day}, leaf {leaf}{foreign}"));
    }
}

fn decision(name: &str, told: Option<&SheetDecisionResponse>, console: Console) {
    let Some(told) = told else { return };
    let until = told.until.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
    let day = told.on.as_deref().unwrap_or("no day");
    console.line(format!("  {name:<9} {day} by {}, leaf {}{until}", told.document, told.leaf));
}

/// Tells what is about to be signed.
pub(super) fn statement(sheet: &SheetStatement, console: Console) {
    let totals = &sheet.totals;
    console.line(format!(
        "sheet     {} of {}, rules {}",
        sheet.hash(),
        sheet.month,
        sheet.rule_version
    ));
    console.line(format!(
        "rows      {}: accrued {}, held {}, released {}",
        sheet.rows.len(),
        totals.accrued,
        totals.held,
        totals.released
    ));
    for row in &sheet.rows {
        console.line(format!(
            "row       {}: {} of {} paid, {} excused, {} wait, {}",
            row.voucher, row.payable, row.planned, row.excused, row.pending, row.accrued
        ));
    }
}
