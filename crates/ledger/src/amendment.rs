//! A newer snapshot of a district: what it changes, and what it must leave as it was.

mod admission;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, EventKind, ProviderId, VoucherId};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::bin::Bin;
use crate::calendar::Month;
use crate::register::{VoucherRegister, may_sign};
use crate::sheet::MonthFold;
use crate::snapshot::{Contract, Snapshot};
use crate::snapshots::Snapshots;
use crate::transfer::Moved;
use crate::visit::LoggedEvent;

/// Why a snapshot must not follow the one in force. Every one of them would change the past.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AmendmentRefusal {
    /// The version does not grow.
    #[error("version {found} is not above {newest}, which is in force: write a higher one")]
    Version {
        /// The version in force.
        newest: u32,
        /// The version of the refused snapshot.
        found: u32,
    },
    /// It speaks of another issuer's district.
    #[error("the issuer {found} is another than {known}: this log belongs to one district")]
    OtherIssuer {
        /// The issuer in force.
        known: String,
        /// The issuer of the refused snapshot.
        found: String,
    },
    /// Rules that began before the end of a closed month are not as they were.
    #[error(
        "the rules from {effective_from} on would change, and {closed} is closed: leave them as they \
         are, and let new ones begin after {}",
        closed.last_day()
    )]
    ClosedRules {
        /// Which rules.
        effective_from: NaiveDate,
        /// The last closed month.
        closed: Month,
    },
    /// A contract with a part in a closed month is not as it was.
    #[error(
        "the contract of voucher {voucher} would change, come or go, and it has a part in {closed}, \
         which is closed: leave what it says up to the end of that month as it is"
    )]
    ClosedContract {
        /// The contract's voucher.
        voucher: VoucherId,
        /// The closed month.
        closed: Month,
    },
    /// A child would have two vouchers in force on one day.
    #[error(
        "the child of voucher {voucher} has voucher {other} in force on days of it: end one contract \
         before the other begins, or move the child within its voucher"
    )]
    SecondVoucher {
        /// The new contract's voucher.
        voucher: VoucherId,
        /// The other one.
        other: VoucherId,
    },
    /// A new contract of a voucher that stands elsewhere.
    #[error(
        "voucher {voucher} is {state} in the log and not booked for this place: a contract follows the \
         family's acceptance, in its time"
    )]
    NotBooked {
        /// The voucher.
        voucher: VoucherId,
        /// How it stands.
        state: &'static str,
    },
    /// A record of the order's volume is not as it was, or gone.
    #[error(
        "budget {id}: {what} would change: a volume and its corrections stay as they are, and a newer \
         correction says by how much and why"
    )]
    BudgetEdited {
        /// The record.
        id: String,
        /// What of it.
        what: String,
    },
    /// An entry about admissions is not as it was, or gone.
    #[error("admissions: {what} would change: entries stay as they are, and newer ones are added")]
    AdmissionEdited {
        /// Which entry.
        what: String,
    },
    /// Somebody would be listed who does not pass all checks.
    #[error("{bin} cannot be listed from {on} on: {why}")]
    NotReady {
        /// The organisation.
        bin: Bin,
        /// From when on.
        on: NaiveDate,
        /// What stands against it.
        why: String,
    },
    /// A new contract with a provider that is not listed.
    #[error(
        "voucher {voucher} would be with provider {provider} from {on} on, which takes no new contracts \
         then: {why}"
    )]
    NotListed {
        /// The voucher.
        voucher: VoucherId,
        /// The provider.
        provider: ProviderId,
        /// The first day there.
        on: NaiveDate,
        /// Where the provider stands.
        why: String,
    },
    /// Visits of a month that is not closed yet would no longer count.
    #[error(
        "{count} visits of {month} would no longer count, the first is of voucher {voucher} on {day}, \
         leaf {leaf}: keep its contract, group and timetable until the month is closed"
    )]
    VisitsLost {
        /// How many.
        count: usize,
        /// The month.
        month: Month,
        /// The voucher of the first.
        voucher: VoucherId,
        /// The day of the first.
        day: NaiveDate,
        /// The leaf of the first.
        leaf: u64,
    },
}

/// One row of a district that another snapshot has otherwise.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Change {
    /// What kind of row.
    pub record: &'static str,
    /// Its identifier; empty where there is one row only.
    pub id: String,
    /// Which field; absent if the whole row comes or goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What was there; absent for a new row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is there now; absent for a row that goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What a newer snapshot changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Amendment {
    /// The changes: issuer, providers, groups, contracts, calendar, rules; each by identifier.
    pub changes: Vec<Change>,
}

impl Amendment {
    /// Compares a snapshot with the newest one of a log, and refuses what would change the past: a
    /// closed month's contracts and rules, and visits that wait for their month's close. A closed
    /// month's sums are safe in any case, since its tranche names its own snapshot. New contracts of
    /// vouchers that the log has must be booked, and in time on `today`.
    ///
    /// # Errors
    /// [`AmendmentRefusal`] says what must stay, and from when on it may change.
    pub fn of(
        history: &Snapshots,
        next: &Snapshot,
        events: &[LoggedEvent],
        today: NaiveDate,
    ) -> Result<Self, AmendmentRefusal> {
        let known = &history.newest().snapshot;
        let (newest, found) = (known.version, next.version);
        if found <= newest {
            return Err(AmendmentRefusal::Version { newest, found });
        }
        if known.issuer.bin != next.issuer.bin {
            let (known, found) = (known.issuer.bin.clone(), next.issuer.bin.clone());
            return Err(AmendmentRefusal::OtherIssuer { known, found });
        }
        let (closed, open): (Vec<Month>, Vec<Month>) =
            history.months().into_iter().partition(|m| history.closed(events, *m).is_some());
        if let Some(last) = closed.last() {
            leaves_rules(known, next, *last)?;
        }
        let after = known.after(events);
        let moved = &after.snapshot;
        for month in closed {
            leaves_contracts(&[known, moved], next, month)?;
        }
        for month in open {
            keeps_visits(known, next, events, month)?;
        }
        one_voucher_a_child(known, &after, next)?;
        follows_bookings(history, next, events, today)?;
        leaves_budget(known, next)?;
        admission::admits(&[known, moved], next)?;
        Ok(Self { changes: changes(known, next) })
    }
}

fn leaves_rules(known: &Snapshot, next: &Snapshot, closed: Month) -> Result<(), AmendmentRefusal> {
    let last = closed.last_day();
    let differs = |one: &Snapshot, other: &Snapshot| {
        let (one, other) = (one.dated_rules(), other.dated_rules());
        let begun = one.into_iter().filter(|params| params.effective_from <= last);
        begun.filter(|params| !other.contains(params)).map(|p| p.effective_from).min()
    };
    match differs(known, next).or_else(|| differs(next, known)) {
        Some(effective_from) => Err(AmendmentRefusal::ClosedRules { effective_from, closed }),
        None => Ok(()),
    }
}

/// A contract with a part in a closed month stays, and so do its places up to the month's end; later
/// ones may change. `known` are the district as its snapshot has it, and as transfers of the log left
/// it: the next one may say either.
fn leaves_contracts(
    known: &[&Snapshot],
    next: &Snapshot,
    closed: Month,
) -> Result<(), AmendmentRefusal> {
    let of_month = |snapshot: &Snapshot| {
        let contracts = snapshot.contracts.iter().filter(|contract| contract.has_part_in(closed));
        let until = |contract: &Contract| Contract {
            segments: contract.places_until(closed.last_day()),
            ..contract.clone()
        };
        contracts.map(|one| (one.voucher, until(one))).collect::<BTreeMap<VoucherId, Contract>>()
    };
    let after = of_month(next);
    let before: Vec<_> = known.iter().map(|known| of_month(known)).collect();
    let vouchers: BTreeSet<_> =
        before.iter().flat_map(BTreeMap::keys).chain(after.keys()).collect();
    let stays =
        |voucher: &VoucherId| before.iter().any(|before| before.get(voucher) == after.get(voucher));
    match vouchers.into_iter().find(|voucher| !stays(voucher)) {
        Some(voucher) => Err(AmendmentRefusal::ClosedContract { voucher: *voucher, closed }),
        None => Ok(()),
    }
}

/// Refuses a contract on whose days the child has another voucher in force, where that is new (R7,
/// `active_vouchers_per_child`).
fn one_voucher_a_child(
    known: &Snapshot,
    after: &Moved<'_>,
    next: &Snapshot,
) -> Result<(), AmendmentRefusal> {
    let mut of_child: BTreeMap<ChildId, Vec<&Contract>> = BTreeMap::new();
    for contract in &next.contracts {
        of_child.entry(contract.child).or_default().push(contract);
    }
    let is_new = |one: &Contract| {
        known.contract(one.voucher).is_none_or(|old| (old.from, old.to) != (one.from, one.to))
    };
    for contract in next.contracts.iter().filter(|one| is_new(one)) {
        let params = next.rules_on(contract.from);
        let most = params.map(|params| params.voucher).unwrap_or_default();
        let others = of_child.get(&contract.child).into_iter().flatten();
        let last = |one: &Contract| {
            let refused = after.ended(one.voucher).and_then(|day| day.pred_opt());
            refused.map_or(one.to, |day| day.min(one.to))
        };
        let mut others = others.filter(|one| {
            one.voucher != contract.voucher && one.from <= contract.to && contract.from <= last(one)
        });
        let allowed = usize::try_from(most.active_vouchers_per_child).unwrap_or(usize::MAX);
        if let Some(other) = others.nth(allowed.saturating_sub(1)) {
            let (voucher, other) = (contract.voucher, other.voucher);
            return Err(AmendmentRefusal::SecondVoucher { voucher, other });
        }
    }
    Ok(())
}

/// What the log has from its entry on is signed where it was booked, and while it is.
fn follows_bookings(
    history: &Snapshots,
    next: &Snapshot,
    events: &[LoggedEvent],
    today: NaiveDate,
) -> Result<(), AmendmentRefusal> {
    let entered = events.iter().any(|logged| logged.event.kind == EventKind::VoucherSet);
    if !entered {
        return Ok(());
    }
    let register = VoucherRegister::of(history, events);
    let known = &history.newest().snapshot;
    for contract in &next.contracts {
        // Few may not be signed; the others need not be looked for among all that are known.
        if let Err(state) = may_sign(&register, contract, today)
            && known.contract(contract.voucher).is_none()
        {
            let (voucher, state) = (contract.voucher, state.word());
            return Err(AmendmentRefusal::NotBooked { voucher, state });
        }
    }
    Ok(())
}

/// What was set and how it was corrected is never edited: a newer snapshot has it all, and may have more.
fn leaves_budget(known: &Snapshot, next: &Snapshot) -> Result<(), AmendmentRefusal> {
    match known.budget_edited_by(next) {
        Some((id, what)) => Err(AmendmentRefusal::BudgetEdited { id, what }),
        None => Ok(()),
    }
}

fn keeps_visits(
    known: &Snapshot,
    next: &Snapshot,
    events: &[LoggedEvent],
    month: Month,
) -> Result<(), AmendmentRefusal> {
    let visits = |snapshot| {
        let fold = MonthFold::of(snapshot, events, month);
        fold.map_or_else(|_| Vec::new(), |fold| fold.visits)
    };
    let kept: BTreeSet<_> = visits(next).iter().map(|visit| visit.event).collect();
    let mut lost = visits(known);
    lost.retain(|visit| !kept.contains(&visit.event));
    match lost.first() {
        Some(first) => Err(AmendmentRefusal::VisitsLost {
            count: lost.len(),
            month,
            voucher: first.voucher,
            day: first.day,
            leaf: first.index,
        }),
        None => Ok(()),
    }
}

fn changes(known: &Snapshot, next: &Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut compare = |record, key, before: &dyn Fn(&Snapshot) -> Value| {
        let rows = |snapshot: &Snapshot| rows(key, before(snapshot));
        differences(record, &rows(known), &rows(next), &mut changes);
    };
    compare("issuer", "", &|snapshot| value(&snapshot.issuer));
    compare("provider", "id", &|snapshot| value(&snapshot.providers));
    compare("group", "id", &|snapshot| value(&snapshot.groups));
    compare("contract", "voucher", &|snapshot| value(&snapshot.contracts));
    compare("calendar", "", &|snapshot| value(&snapshot.calendar));
    compare("country's rules", "effective_from", &|snapshot| value(&snapshot.country));
    compare("rules", "effective_from", &|snapshot| value(&snapshot.params));
    compare("narrower rules", "id", &|snapshot| value(&snapshot.narrower));
    compare("budget", "id", &|snapshot| value(&snapshot.budget));
    let section = |snapshot: &Snapshot| snapshot.admission.clone();
    let empty = || Value::Array(Vec::new());
    compare("admissions", "", &|snapshot| {
        let binds = section(snapshot).map(|one| json!({ "binds_from": one.binds_from }));
        binds.unwrap_or_else(empty)
    });
    compare("admission import", "id", &|snapshot| {
        section(snapshot).map_or_else(empty, |one| value(&one.imports))
    });
    compare("admission check", "id", &|snapshot| {
        section(snapshot).map_or_else(empty, |one| value(&one.checks))
    });
    compare("admission listing", "id", &|snapshot| {
        section(snapshot).map_or_else(empty, |one| value(&one.listings))
    });
    compare("admission waiver", "check", &|snapshot| {
        section(snapshot).map_or_else(empty, |one| value(&one.waivers))
    });
    changes
}

fn value(rows: &impl Serialize) -> Value {
    serde_json::to_value(rows).expect("a snapshot's records are JSON")
}

/// Rows by their identifier; one record alone has none.
fn rows(key: &str, value: Value) -> BTreeMap<String, Map<String, Value>> {
    let rows = if let Value::Array(rows) = value { rows } else { vec![value] };
    let rows = rows.into_iter().filter_map(|row| {
        let Value::Object(row) = row else { return None };
        let id = row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some((id, row))
    });
    rows.collect()
}

fn differences(
    record: &'static str,
    before: &BTreeMap<String, Map<String, Value>>,
    after: &BTreeMap<String, Map<String, Value>>,
    changes: &mut Vec<Change>,
) {
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for id in ids {
        let whole = |row: Option<&Map<String, Value>>| row.cloned().map(Value::Object);
        let change = |field, before, after| Change { record, id: id.clone(), field, before, after };
        let (Some(old), Some(new)) = (before.get(id), after.get(id)) else {
            changes.push(change(None, whole(before.get(id)), whole(after.get(id))));
            continue;
        };
        let fields: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for field in fields.into_iter().filter(|field| old.get(*field) != new.get(*field)) {
            let (old, new) = (old.get(field).cloned(), new.get(field).cloned());
            changes.push(change(Some(field.clone()), old, new));
        }
    }
}

/// In plain words, on one line.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.record)?;
        if !self.id.is_empty() {
            write!(f, " {}", self.id)?;
        }
        let said = |value: &Option<Value>| match value {
            Some(Value::Object(row)) => {
                let row = row.iter().map(|(name, value)| format!("{name} {}", plain(value)));
                row.collect::<Vec<_>>().join(", ")
            }
            Some(value) => plain(value),
            None => "nothing".to_owned(),
        };
        match (&self.field, &self.before) {
            (Some(field), _) => {
                write!(f, ": {field} {} becomes {}", said(&self.before), said(&self.after))
            }
            (None, None) => write!(f, " is new: {}", said(&self.after)),
            (None, Some(_)) => write!(f, " goes: {}", said(&self.before)),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
