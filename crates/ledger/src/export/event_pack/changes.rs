//! What changed about a closed month since it was packed: what to create, to update and to remove.

use std::collections::{BTreeMap, BTreeSet};

use super::{Body, GatewayEvent, Pack, SheetBody, accrual_body, event, visit_body};
use crate::account::Accounts;
use crate::calendar::{Month, local_ms};
use crate::export::ExportedMonth;
use crate::sheet::{DayCode, MonthFold};
use crate::signing::{PaperSignature, SheetStanding, SignedMonth};
use crate::snapshots::Snapshots;
use crate::tranche::TrancheError;
use crate::visit::LoggedEvent;

/// A log, as far as it goes.
#[derive(Clone, Copy, Debug)]
pub struct PackedLog<'a> {
    /// Its snapshots.
    pub history: &'a Snapshots,
    /// Its events.
    pub events: &'a [LoggedEvent],
    /// How many leaves it has.
    pub size: u64,
}

/// Makes the pack of what changed about a month between two sizes of its log, `since` and
/// [`PackedLog::size`]: an accrual that a later tranche corrected and a sheet in another state are updated,
/// a visit that was withdrawn or found not to have been is removed, one that came late is created. A body's
/// version changes with its content only, not with the action; the same sizes give the same bytes, and
/// nothing that stayed the same is in it. What was there at the close is [`super::event_pack`]'s.
///
/// # Errors
/// [`TrancheError`] if the month cannot be folded again.
pub fn event_pack_changes(
    month: ExportedMonth<'_>,
    log: PackedLog<'_>,
    since: u64,
    sender_bin: &str,
) -> Result<String, TrancheError> {
    let before = entities(month, log, since, sender_bin)?;
    let now = entities(month, log, log.size, sender_bin)?;
    let mut events = Vec::new();
    for (key, found) in &now {
        let action = match before.get(key) {
            None => "create",
            Some(old) if old.version == found.version => continue,
            Some(_) => "update",
        };
        events.push(found.clone().acting(action));
    }
    let gone = before.into_iter().filter(|(key, _)| !now.contains_key(key));
    events.extend(gone.map(|(_, old)| old.acting("remove")));
    let pack = Pack { events };
    Ok(serde_json::to_string(&pack).expect("a pack has only string keys"))
}

/// Orders a pack: visits, accruals, sheets, each by its id.
type Key = (u8, String);

/// Everything that is said of the month when its log has so many leaves.
fn entities(
    month: ExportedMonth<'_>,
    log: PackedLog<'_>,
    size: u64,
    sender_bin: &str,
) -> Result<BTreeMap<Key, GatewayEvent>, TrancheError> {
    // Before the close there was no pack.
    let size = size.max(month.tranche.tree_size);
    let mut found = BTreeMap::new();
    let events: Vec<&LoggedEvent> = log.events.iter().filter(|one| one.index < size).collect();
    visits(month, events, sender_bin, &mut found)?;
    accruals(month, log, size, sender_bin, &mut found)?;
    // The first pack has no sheet, whoever signed before the close.
    if size > month.tranche.tree_size {
        sheets(month, log, size, sender_bin, &mut found)?;
    }
    Ok(found)
}

fn visits(
    month: ExportedMonth<'_>,
    mut events: Vec<&LoggedEvent>,
    sender_bin: &str,
    found: &mut BTreeMap<Key, GatewayEvent>,
) -> Result<(), TrancheError> {
    let after;
    let is_later = events.iter().any(|one| one.index >= month.tranche.tree_size);
    let fold = if is_later {
        events.sort_by_key(|logged| logged.index);
        let close = month.tranche.tree_size.saturating_sub(1);
        let before = events.partition_point(|logged| logged.index < close);
        let closing = events.get(before).copied().and_then(crate::sheet::claimed_day);
        let prefix: Vec<&LoggedEvent> = events.iter().take(before).copied().collect();
        let places = month.snapshot.moved(&prefix).snapshot.into_owned();
        after = MonthFold::reopened(&places, events, closing, month.fold.month)?;
        &after
    } else {
        month.fold
    };
    for row in &fold.rows {
        let days = row.days.iter().filter(|day| day.code != DayCode::DecidedAbsent);
        for visit in days.filter_map(|day| day.visit.as_ref()) {
            let body = Body::Visit(visit_body(month, row, visit));
            let key = (0, visit.event.to_string());
            let made = event(month, (row.provider, sender_bin), visit.arrival_ms, body);
            found.insert(key, made);
        }
    }
    Ok(())
}

/// The month's lines with the corrections of the tranches that are there by then.
fn accruals(
    month: ExportedMonth<'_>,
    log: PackedLog<'_>,
    size: u64,
    sender_bin: &str,
    found: &mut BTreeMap<Key, GatewayEvent>,
) -> Result<(), TrancheError> {
    let of = month.fold.month;
    let accounts = Accounts::of(log.history, log.events, size)?;
    for line in &month.tranche.lines {
        let mut body = accrual_body(month, line);
        let mut last = of;
        for later in &accounts.months {
            for one in later.corrections.iter().filter(|one| one.key() == (of, line.key())) {
                for (sum, moved) in [
                    (&mut body.accrued_tiyn, one.accrued),
                    (&mut body.held_tiyn, one.held),
                    (&mut body.released_tiyn, one.released),
                ] {
                    *sum = sum.checked_add(moved).unwrap_or(*sum);
                }
                body.corrected_in.insert(later.month);
                body.corrected_by.insert(one.leaf);
                last = last.max(later.month);
            }
        }
        let (id, at_ms) = (body.id.clone(), end_of(last));
        let made = event(month, (line.provider, sender_bin), at_ms, Body::Accrual(body));
        found.insert((1, id), made);
    }
    Ok(())
}

/// The sheets that somebody signed or decided about.
fn sheets(
    month: ExportedMonth<'_>,
    log: PackedLog<'_>,
    size: u64,
    sender_bin: &str,
    found: &mut BTreeMap<Key, GatewayEvent>,
) -> Result<(), TrancheError> {
    let events: Vec<LoggedEvent> =
        log.events.iter().filter(|one| one.index < size).cloned().collect();
    // What is late is not asked: the state follows from events alone on the month's last day.
    let today = month.fold.month.last_day();
    let signed = SignedMonth::of_tranche(month.snapshot, &events, month.tranche, today)?;
    for sheet in signed.iter().flat_map(|signed| &signed.sheets) {
        let leaves = leaves_of(sheet);
        let Some(last) = leaves.last().copied() else { continue };
        let bin = month.snapshot.provider(sheet.provider).map_or("", |one| one.bin.as_str());
        let body = SheetBody {
            action: "create",
            id: format!("{bin}/{}", month.fold.month),
            month: month.fold.month,
            state: sheet.state.as_str(),
            sheet_sha256: sheet.sheet_hash.to_string(),
            act_sha256: sheet.act_hash.map(|hash| hash.to_string()),
            act_number: sheet.act_number.clone(),
            document: sheet.paid.as_ref().map(|(document, _)| document.clone()),
            leaves: leaves.into_iter().collect(),
        };
        let claimed = events.iter().find(|one| one.index == last).map(|one| one.event.wall_ms);
        let at_ms = claimed.unwrap_or_else(|| end_of(month.fold.month));
        let id = body.id.clone();
        let made = event(month, (sheet.provider, sender_bin), at_ms, Body::Sheet(body));
        found.insert((2, id), made);
    }
    Ok(())
}

/// The leaves that a sheet's state rests on.
fn leaves_of(sheet: &SheetStanding) -> BTreeSet<u64> {
    let signatures = [&sheet.signed, &sheet.approved, &sheet.act_signed, &sheet.act_approved];
    let leaf = |one: &PaperSignature| one.leaf;
    let mut leaves: BTreeSet<u64> = signatures.into_iter().flatten().map(leaf).collect();
    leaves.extend(sheet.returned.iter().map(|(told, _)| told.leaf));
    leaves.extend(sheet.paused.iter().chain(&sheet.invalid).map(|told| told.leaf));
    leaves.extend(sheet.paid.iter().map(|(_, leaf)| *leaf));
    leaves
}

fn end_of(month: Month) -> i64 {
    local_ms(month.last_day(), 0).unwrap_or_default()
}
