//! Rules for a part of the district: a programme, or one provider (R1 to R5, scopes of parameters).

use attendance::{GroupId, ProviderId};
use serde::{Deserialize, Serialize};

use super::{Group, Snapshot};
use crate::calendar::Month;
use crate::params::Params;

/// For whom narrower rules hold. The district's own rules are its region's, which begin as its
/// country's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The groups of a programme.
    Programme(Vec<GroupId>),
    /// Every group of a provider.
    Provider(ProviderId),
}

impl Scope {
    pub(crate) fn covers(&self, group: &Group) -> bool {
        match self {
            Self::Programme(groups) => groups.contains(&group.id),
            Self::Provider(provider) => *provider == group.provider,
        }
    }

    /// The narrower scope counts.
    fn rank(&self) -> u8 {
        match self {
            Self::Programme(_) => 0,
            Self::Provider(_) => 1,
        }
    }
}

/// Dated rules that hold for a part of the district instead of its own.
///
/// What a month has once for everybody stays the district's: the edition of the fold, from when on a
/// month may be closed, the visits of a child's day, families on one device, and the days and the
/// silence of answers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NarrowerRules {
    /// Names the record.
    pub id: String,
    /// For whom.
    pub scope: Scope,
    /// The rules, whole, from their date on.
    pub rules: Params,
}

impl Snapshot {
    /// Gives the rules of a group's month: the narrowest that cover the group and are in force on the
    /// first day, else the district's.
    #[must_use]
    pub fn rules_for(&self, month: Month, group: &Group) -> Option<&Params> {
        let first = month.first_day();
        let covering = self.narrower.iter().filter(|narrower| {
            narrower.scope.covers(group) && narrower.rules.effective_from <= first
        });
        let narrowest =
            covering.max_by_key(|one| (one.scope.rank(), one.rules.effective_from, &one.id));
        narrowest.map(|narrower| &narrower.rules).or_else(|| self.rules(month))
    }
}
