//! The dated rules. Every number that decides about money is here and nowhere else.

use attendance::WindowParams;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::money::Tiyn;
use crate::signals::SignalParams;
use crate::steps::StepDays;
use crate::suspension::SuspensionParams;
use crate::voucher::VoucherParams;

/// How a voucher's total becomes monthly parts (R5, rule 30).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SplitMode {
    /// Parts equal to within a tiyn.
    EqualParts,
    /// The norm for every month, as long as the total lasts.
    MonthNorm,
}

/// What a month is shared out by when a child joins or leaves inside it (R5, rule 31).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// By planned lessons.
    Lessons,
    /// By calendar days.
    Calendar,
}

/// How attendance becomes money (R5, rule 33).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PayoutPolicy {
    /// In proportion to the paid lessons.
    VisitRatio,
    /// The whole cap from `min_confirmed` visits on.
    Enrolment,
    /// The whole cap from `full_pay_at_percent` on, in proportion below.
    Threshold,
}

/// Which edition of the fold reads the log. A month is computed for ever as it was when it was
/// closed, so the edition is a dated rule like any other.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FoldEdition {
    /// Scans, withdrawals and the families' answers. Rules that do not name an edition have this one.
    #[default]
    First,
    /// Absences, corrections, cancelled and moved lessons, decisions, conflicts, confirmations by
    /// proxy and by silence as well.
    Second,
}

impl FoldEdition {
    fn is_first(&self) -> bool {
        *self == Self::First
    }
}

/// The rules from a date on. Names are the parameter ids of the rules document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The first day these rules hold. A month follows the rules of its first day.
    pub effective_from: NaiveDate,
    /// Printed beside every result.
    pub rule_version: String,
    /// How the total is split.
    pub split_mode: SplitMode,
    /// The norm of a month, in tiyn, for [`SplitMode::MonthNorm`].
    pub month_norm_tiyn: Tiyn,
    /// What a partial month is shared out by.
    pub basis: Basis,
    /// How attendance becomes money.
    pub payout_policy: PayoutPolicy,
    /// How many of the planned lessons may be paid though excused, in per cent.
    pub excused_cap_percent: u32,
    /// How many confirmed visits earn the whole cap under [`PayoutPolicy::Enrolment`].
    pub min_confirmed: u32,
    /// From which share of paid lessons the whole cap is earned under [`PayoutPolicy::Threshold`].
    pub full_pay_at_percent: u32,
    /// How many of a child's visits may be marks by hand, in per cent; the rest is held.
    pub l0_share_max_percent: u32,
    /// How many visits of a child are paid for one day.
    pub max_payable_visits_per_child_day: u32,
    /// How long before a lesson it may be opened, in minutes.
    pub open_before_min: u32,
    /// How long after a lesson it may be ended, in minutes.
    pub close_after_min: u32,
    /// How long before a lesson a scan lies inside the window, in minutes.
    pub scan_early_min: u32,
    /// How long after a lesson a scan lies inside the window, in minutes.
    pub scan_late_min: u32,
    /// After how many minutes of the lesson an arrival is late.
    pub late_min: u32,
    /// How many days before a month is over it may be closed: 1 means on its last day.
    pub close_lead_days: u32,
    /// Whether a transferred day off cancels lessons of groups that meet on weekdays only.
    pub transferred_day_off_cancels_weekday: bool,
    /// Whether it cancels lessons of groups that also meet on Saturday or Sunday.
    pub transferred_day_off_cancels_weekend: bool,
    /// Which edition of the fold reads the log. What follows counts from the second on; a field that
    /// has its default is not written, so that older snapshots keep their hash.
    #[serde(default, skip_serializing_if = "FoldEdition::is_first")]
    pub fold_edition: FoldEdition,
    /// Within how many working days after the lesson a reason of an absence is to be given (R2, 15).
    #[serde(
        default = "usual::absence_reason_days",
        skip_serializing_if = "usual::is_absence_reason_days"
    )]
    pub absence_reason_days: u32,
    /// Within how many working days after the lesson a sick note is to be given (R2, 15).
    #[serde(default = "usual::sick_doc_days", skip_serializing_if = "usual::is_sick_doc_days")]
    pub sick_doc_days: u32,
    /// How many days away from its planned day a moved lesson may be held (R1, 2).
    #[serde(
        default = "usual::make_up_window_days",
        skip_serializing_if = "usual::is_make_up_window_days"
    )]
    pub make_up_window_days: u32,
    /// How many days after a lesson a family has to answer (R3, 19).
    #[serde(
        default = "usual::visit_confirm_days",
        skip_serializing_if = "usual::is_visit_confirm_days"
    )]
    pub visit_confirm_days: u32,
    /// Within how many working days the district decides about a dispute (R3, 19).
    #[serde(default = "usual::dispute_days", skip_serializing_if = "usual::is_dispute_days")]
    pub dispute_days: u32,
    /// For how many families a device may confirm before its confirmations are held (R3, 23).
    #[serde(
        default = "usual::families_per_device_max",
        skip_serializing_if = "usual::is_families_per_device_max"
    )]
    pub families_per_device_max: u32,
    /// Whether a visit by a rotating code counts as confirmed when its family has been silent for
    /// [`visit_confirm_days`](Self::visit_confirm_days) (R3, 21).
    #[serde(default, skip_serializing_if = "usual::is_off")]
    pub tacit_acceptance: bool,
    /// How many of a group's visits may be marks by hand, in per cent; the rest is held. Absent: as
    /// many as of a child's, and then no group has more than its children together (R1, 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l0_group_share_max_percent: Option<u32>,
    /// Whether the Treasury's registry has only providers whose act both sides signed (R4, 27).
    #[serde(default, skip_serializing_if = "usual::is_off")]
    pub signed_acts_required: bool,
    /// Within how many working days a provider signs a sheet again that it got back (R4).
    #[serde(default = "usual::revision_days", skip_serializing_if = "usual::is_revision_days")]
    pub revision_days: u32,
    /// How long what happens to a voucher may take, and how often. Absent where all are the defaults.
    #[serde(default, skip_serializing_if = "is_default")]
    pub voucher: VoucherParams,
    /// How long a suspended provider has. Absent where all are the defaults.
    #[serde(default, skip_serializing_if = "is_default")]
    pub suspension: SuspensionParams,
    /// On which days the steps of a month end. Absent where all are the defaults.
    #[serde(default, skip_serializing_if = "is_default")]
    pub steps: StepDays,
    /// How closed months are corrected. Absent where all are the defaults.
    #[serde(default, skip_serializing_if = "is_default")]
    pub corrections: CorrectionParams,
    /// From when on something is a signal (R9, R10). Absent where all are the defaults. No sum, no code
    /// and no verdict rests on one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub signals: SignalParams,
}

/// How closed months are corrected forward (R4, rule 28; R8, rule 46).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorrectionParams {
    /// From more than this on, held money needs two coordinators to be released, in tiyn.
    pub hold_release_two_person: Tiyn,
    /// In how many later months a closed month may still be adjusted.
    pub adjust_max_months: u32,
}

impl Default for CorrectionParams {
    /// Gives the defaults of the rules document.
    fn default() -> Self {
        Self { hold_release_two_person: Tiyn(1_000_000), adjust_max_months: 3 }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The values of the rules document that are not written, and what says that a field has one.
mod usual {
    macro_rules! usual {
        ($($name:ident, $is:ident, $value:literal;)*) => {$(
            pub(super) fn $name() -> u32 {
                $value
            }
            pub(super) fn $is(value: &u32) -> bool {
                *value == $value
            }
        )*};
    }
    usual! {
        absence_reason_days, is_absence_reason_days, 5;
        sick_doc_days, is_sick_doc_days, 10;
        make_up_window_days, is_make_up_window_days, 30;
        visit_confirm_days, is_visit_confirm_days, 7;
        dispute_days, is_dispute_days, 5;
        families_per_device_max, is_families_per_device_max, 2;
        revision_days, is_revision_days, 2;
    }
    pub(super) fn is_off(value: &bool) -> bool {
        !*value
    }
}

impl Params {
    /// Gives the defaults of the rules document, from a date on.
    #[must_use]
    pub fn defaults(effective_from: NaiveDate, rule_version: &str) -> Self {
        Self {
            effective_from,
            rule_version: rule_version.to_owned(),
            split_mode: SplitMode::EqualParts,
            month_norm_tiyn: Tiyn::ZERO,
            basis: Basis::Lessons,
            payout_policy: PayoutPolicy::VisitRatio,
            excused_cap_percent: 25,
            min_confirmed: 1,
            full_pay_at_percent: 75,
            l0_share_max_percent: 20,
            max_payable_visits_per_child_day: 1,
            open_before_min: 30,
            close_after_min: 15,
            scan_early_min: 20,
            scan_late_min: 10,
            late_min: 15,
            close_lead_days: 1,
            transferred_day_off_cancels_weekday: true,
            transferred_day_off_cancels_weekend: false,
            fold_edition: FoldEdition::Second,
            absence_reason_days: usual::absence_reason_days(),
            sick_doc_days: usual::sick_doc_days(),
            make_up_window_days: usual::make_up_window_days(),
            visit_confirm_days: usual::visit_confirm_days(),
            dispute_days: usual::dispute_days(),
            families_per_device_max: usual::families_per_device_max(),
            tacit_acceptance: false,
            l0_group_share_max_percent: None,
            signed_acts_required: false,
            revision_days: usual::revision_days(),
            voucher: VoucherParams::default(),
            suspension: SuspensionParams::default(),
            steps: StepDays::default(),
            corrections: CorrectionParams::default(),
            signals: SignalParams::default(),
        }
    }

    /// Gives every parameter by its id, also those that a snapshot leaves out because they have their
    /// usual value.
    #[must_use]
    pub fn by_name(&self) -> Map<String, Value> {
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else { return Map::new() };
        let group = self.l0_group_share_max_percent.unwrap_or(self.l0_share_max_percent);
        let unwritten = [
            ("fold_edition", json!(self.fold_edition)),
            ("absence_reason_days", json!(self.absence_reason_days)),
            ("sick_doc_days", json!(self.sick_doc_days)),
            ("make_up_window_days", json!(self.make_up_window_days)),
            ("visit_confirm_days", json!(self.visit_confirm_days)),
            ("dispute_days", json!(self.dispute_days)),
            ("families_per_device_max", json!(self.families_per_device_max)),
            ("tacit_acceptance", json!(self.tacit_acceptance)),
            ("l0_group_share_max_percent", json!(group)),
            ("signed_acts_required", json!(self.signed_acts_required)),
            ("revision_days", json!(self.revision_days)),
        ];
        for (name, value) in unwritten {
            all.entry(name).or_insert(value);
        }
        all
    }

    /// Says whether the second edition of the fold reads the log.
    pub(crate) fn reads_everything(&self) -> bool {
        self.fold_edition >= FoldEdition::Second
    }

    /// Gives the width of a lesson's window.
    #[must_use]
    pub fn window(&self) -> WindowParams {
        WindowParams {
            open_before_min: self.open_before_min,
            close_after_min: self.close_after_min,
            scan_early_min: self.scan_early_min,
            scan_late_min: self.scan_late_min,
            late_min: self.late_min,
        }
    }
}

/// Picks among dated rules: those with the latest `effective_from` not after the day.
pub(crate) fn in_force(rules: &[Params], day: NaiveDate) -> Option<&Params> {
    let begun = rules.iter().filter(|params| params.effective_from <= day);
    begun.max_by_key(|params| params.effective_from)
}
