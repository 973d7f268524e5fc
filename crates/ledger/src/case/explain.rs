//! The arithmetic of a case in words, each line with its rule.

use super::compute::{Interval, Lessons};
use super::{Case, CaseRow, CaseSegment};
use crate::money::Tiyn;
use crate::params::{Params, PayoutPolicy, SplitMode};

/// Collects the lines.
#[derive(Default)]
pub(super) struct Explain {
    pub(super) lines: Vec<String>,
}

impl Explain {
    /// How the part came out of the total; `place` counts months from 0.
    pub(super) fn plan(&mut self, case: &Case, place: usize, parts: &[Tiyn], plan: Tiyn) {
        let (total, month) = (case.total_tiyn.0, case.month);
        let (before, k, of) = (place, place.saturating_add(1), parts.len());
        self.lines.push(match case.params.split_mode {
            SplitMode::EqualParts => format!(
                "plan of {month}, part {k} of {of}: ⌊{k}·{total}/{of}⌋ − ⌊{before}·{total}/{of}⌋ = \
                 {} tiyn (R5 rule 30, EQUAL_PARTS)",
                plan.0
            ),
            SplitMode::MonthNorm => format!(
                "plan of {month}, month {k} of {of}: the norm {} while the total {total} lasts = {} \
                 tiyn (R5 rule 30, MONTH_NORM)",
                case.params.month_norm_tiyn.unwrap_or_default().0,
                plan.0
            ),
        });
    }

    pub(super) fn cap_by_lessons(&mut self, plan: Tiyn, lessons: &Lessons, cap: Tiyn) {
        let (e, d) = (lessons.planned, lessons.planned_in_month);
        self.lines.push(format!(
            "cap: {e} of {d} planned lessons of the month, ⌊{}·{e}/{d}⌋ = {} tiyn (rule 31, LESSONS)",
            plan.0, cap.0
        ));
    }

    pub(super) fn caps_by_days(
        &mut self,
        case: &Case,
        plan: Tiyn,
        intervals: &[Interval],
        shares: &[Tiyn],
        forced: bool,
    ) {
        let why = if forced { "CALENDAR, forced by several segments" } else { "CALENDAR" };
        let named = intervals.iter().zip(shares).map(|(interval, share)| {
            let segment = interval.segment.and_then(|at| case.segments.get(at));
            let who = segment.map_or("gap", |segment| segment.provider.as_str());
            format!("{who} {} days {}", interval.days, share.0)
        });
        let named = named.collect::<Vec<_>>().join(", ");
        self.lines.push(format!(
            "caps of {} tiyn by days, rounded cumulatively: {named} (rule 31, {why})",
            plan.0
        ));
    }

    pub(super) fn row(
        &mut self,
        segment: &CaseSegment,
        lessons: &Lessons,
        row: &CaseRow,
        params: &Params,
    ) {
        let who = &segment.provider;
        let (n, d, percent) = (row.payable, row.planned, params.excused_cap_percent);
        self.lines.push(format!(
            "{who}: n = {} present + {} of {} excused (at most ⌊{percent}%·{d}⌋) = {n} of d = {d} \
             (rules 16 and 32)",
            row.present, row.excused_counted, lessons.excused
        ));
        let cap = row.cap_tiyn.0;
        let how = match params.payout_policy {
            _ if d == 0 => "nothing was planned, so nothing is earned".to_owned(),
            PayoutPolicy::VisitRatio => format!("⌊{cap}·{n}/{d}⌋ (rule 32, VISIT_RATIO)"),
            PayoutPolicy::Enrolment => format!(
                "the whole cap {cap} from {} confirmed visits on, {} came (rule 33, ENROLMENT)",
                params.min_confirmed, row.present
            ),
            PayoutPolicy::Threshold => format!(
                "the whole cap {cap} from n/d = {}% on, else ⌊{cap}·{n}/{d}⌋ (rule 33, THRESHOLD)",
                params.full_pay_at_percent
            ),
        };
        let (earned, fate) = if segment.hold {
            (row.held_tiyn.0, "held while the provider is suspended (rule 38)")
        } else {
            (row.accrued_tiyn.0, "to be paid")
        };
        self.lines.push(format!("{who}: {how} = {earned} tiyn, {fate}"));
    }

    pub(super) fn released(&mut self, plan: Tiyn, accrued: Tiyn, held: Tiyn, released: Tiyn) {
        self.lines.push(format!(
            "released: {} − {} accrued − {} held = {} tiyn (rule 34)",
            plan.0, accrued.0, held.0, released.0
        ));
    }
}
