//! The thresholds of the signals: dated rules like any other, with their defaults here and nowhere else.

use attendance::Terms;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::params::Params;
use crate::snapshot::Snapshot;

macro_rules! signal_params {
    ($($(#[$doc:meta])* $name:ident = $value:expr;)*) => {
        /// The thresholds of the integrity signals (R9, R10). A snapshot that names none has all the
        /// defaults.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct SignalParams {
            $($(#[$doc])* pub $name: u32,)*
        }

        impl Default for SignalParams {
            /// Gives the defaults.
            fn default() -> Self {
                Self { $($name: $value,)* }
            }
        }

        impl SignalParams {
            /// Gives every threshold by its id, in order.
            #[must_use]
            pub fn by_name(&self) -> Vec<(&'static str, u32)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

signal_params! {
    /// Of fewer visits a share says nothing.
    share_visits_min = 5;
    /// Within how many hours after the lesson a record is to be with the server (R1, 14).
    sync_deadline_h = 72;
    /// How many of a group's scans may come later than that, in per cent.
    late_share_max_percent = 20;
    /// How many of a group's scans may be of an earlier day, in per cent.
    previous_day_share_max_percent = 10;
    /// How many events of a lesson may lie outside its hours.
    outside_events_max = 0;
    /// How many scans one device may take within `burst_seconds`.
    burst_scans_max = 8;
    /// In how many seconds.
    burst_seconds = 10;
    /// From how many children on a lesson's scans are looked at together.
    lesson_burst_children_min = 5;
    /// Within how many seconds all scans of a lesson are a burst.
    lesson_burst_seconds = 60;
    /// How many times as long the group's past lessons took, by their median.
    lesson_burst_times = 5;
    /// How many past lessons there must be.
    lesson_burst_past_min = 3;
    /// In how many lessons in a row the children come in one order.
    same_order_lessons = 5;
    /// How many children must be common to two lessons to compare their order.
    same_order_children_min = 4;
    /// In how many months running nobody is ever absent.
    full_attendance_months = 2;
    /// Of fewer planned lessons a full month says nothing.
    full_attendance_lessons_min = 6;
    /// How many minutes a child needs from one place to another.
    travel_min = 20;
    /// For how many families one guardian's key answers.
    guardian_families_max = 1;
    /// From how many visits on a family is expected to have answered once.
    unsigned_visits_min = 4;
    /// How many children a group has place for.
    group_capacity = 20;
    /// How many hours a device is silent before what it brings is a bulk.
    silent_h = 72;
    /// How many events are a bulk.
    bulk_events_min = 40;
    /// How far apart two batches of one upload come, in minutes.
    bulk_within_min = 10;
    /// How many of a month's last days are its end.
    month_end_days = 3;
    /// How many of a device's earlier scans may come only at the month's end or later, in per cent.
    month_end_share_max_percent = 50;
    /// How many events of a device may be put aside.
    aside_events_max = 0;
    /// How many hours a replaced or stopped card may still be shown: devices must hear of it (R1, 7).
    card_grace_h = 72;
    /// How many minutes two lessons of one teacher's device may overlap.
    rooms_overlap_max_min = 0;
    /// How many scans a lesson may have that is not held.
    not_held_scans_max = 0;
    /// By how much attendance may drop after an inspection notice, in per cent.
    inspection_drop_max_percent = 30;
    /// How many days before and after the notice are compared.
    inspection_days = 14;
    /// How many of a thousand lessons are drawn for a spot check (R9, 49).
    spot_check_per_mille = Terms::DEFAULT.spot_check_per_mille;
    /// By how many children a headcount may differ from the marks.
    headcount_mismatch_max = 1;
    /// Within how many days a family says again that the child attends (R9, 50).
    reconfirm_days = 90;
}

impl SignalParams {
    /// Finds a share that is more than the whole, and says why it cannot be.
    pub(crate) fn beyond(&self) -> Option<(&'static str, &'static str)> {
        self.by_name().into_iter().find_map(|(name, value)| {
            if name.ends_with("_percent") && value > 100 {
                return Some((name, "must not be above 100"));
            }
            let per_mille = name.ends_with("_per_mille") && value > 1_000;
            per_mille.then_some((name, "must not be above 1000"))
        })
    }
}

/// A threshold that cannot be so.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ThresholdError {
    /// No signal has it.
    #[error("{name} is no threshold: choose among {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
    /// The rules would not parse.
    #[error("{name}: {why}")]
    Form {
        /// The name.
        name: String,
        /// Why.
        why: String,
    },
}

/// Rules of the money that signals compare with too. Trying one out here changes no sum.
pub(super) const SHARED: [&str; 5] = [
    "l0_share_max_percent",
    "l0_group_share_max_percent",
    "families_per_device_max",
    "scan_early_min",
    "scan_late_min",
];

/// Gives what a threshold is in these rules.
pub(super) fn threshold(rules: &Params, name: &str) -> u64 {
    let own = rules.signals.by_name().into_iter().find(|(known, _)| *known == name);
    let value = own.map(|(_, value)| value).or_else(|| {
        Some(match name {
            "l0_share_max_percent" => rules.l0_share_max_percent,
            "l0_group_share_max_percent" => {
                rules.l0_group_share_max_percent.unwrap_or(rules.l0_share_max_percent)
            }
            "families_per_device_max" => rules.families_per_device_max,
            "scan_early_min" => rules.scan_early_min,
            "scan_late_min" => rules.scan_late_min,
            _ => return None,
        })
    });
    value.map_or(0, u64::from)
}

/// The district with some thresholds replaced in all its rules, for a look at the signals alone.
pub(super) fn with_thresholds(
    snapshot: &Snapshot,
    set: &[(String, u32)],
) -> Result<Snapshot, ThresholdError> {
    let mut other = snapshot.clone();
    let narrower = other.narrower.iter_mut().map(|one| &mut one.rules);
    for rules in other.params.iter_mut().chain(narrower) {
        for (name, value) in set {
            *rules = replaced(rules, name, *value)?;
        }
    }
    Ok(other)
}

fn replaced(rules: &Params, name: &str, value: u32) -> Result<Params, ThresholdError> {
    let form = |why: serde_json::Error| ThresholdError::Form {
        name: name.to_owned(),
        why: why.to_string(),
    };
    let own = rules.signals.by_name();
    if own.iter().any(|(known, _)| *known == name) {
        let all = own.into_iter().map(|(known, value)| (known.to_owned(), Value::from(value)));
        let mut fields: Map<String, Value> = all.collect();
        fields.insert(name.to_owned(), Value::from(value));
        let signals = serde_json::from_value(Value::Object(fields)).map_err(form)?;
        return Ok(Params { signals, ..rules.clone() });
    }
    if !SHARED.contains(&name) {
        let known = own.iter().map(|(known, _)| *known).chain(SHARED);
        let known = known.collect::<Vec<_>>().join(", ");
        return Err(ThresholdError::Unknown { name: name.to_owned(), known });
    }
    let Value::Object(mut fields) = serde_json::to_value(rules).map_err(form)? else {
        return Ok(rules.clone());
    };
    fields.insert(name.to_owned(), Value::from(value));
    serde_json::from_value(Value::Object(fields)).map_err(form)
}
