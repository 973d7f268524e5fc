//! Visits: a teacher's own records, and what a parent sees of own children and answers.

use device::{Device, Visit};
use ipc::{Answer, ErrorView, VisitView};

use crate::absence::withdrawn_view;
use crate::error::{self, parse_hash};
use crate::shell::Shell;
use crate::status::mark_view;

/// What stands where the roster no longer knows a name.
pub(crate) const UNKNOWN: &str = "—";

impl Shell {
    pub(crate) async fn visits(&self) -> Result<Vec<VisitView>, ErrorView> {
        self.device
            .with(|device| {
                let visits = device.visits().map_err(error::of_store)?;
                Ok(visits.into_iter().map(|visit| visit_view(device, visit)).collect())
            })
            .await
    }

    pub(crate) async fn answer_visit(
        &self,
        visit: &str,
        answer: Answer,
    ) -> Result<VisitView, ErrorView> {
        let visit = parse_hash(visit)?;
        let was = answer == Answer::Was;
        self.device
            .with(move |device| {
                device.answer(visit, was).map_err(error::of_record)?;
                let found = device.visit(visit).map_err(error::of_store)?;
                let found = found.ok_or_else(|| error::not_found("there is no such visit"))?;
                Ok(visit_view(device, found))
            })
            .await
    }
}

pub(crate) fn visit_view(device: &Device, visit: Visit) -> VisitView {
    let roster = device.roster();
    let lesson = roster.and_then(|roster| roster.lesson(visit.lesson));
    let group = lesson.and_then(|lesson| roster?.group(lesson.group));
    let child = roster.and_then(|roster| roster.child(visit.child, None));
    let provider = visit.provider.or_else(|| Some(group?.provider));
    let provider = provider.and_then(|id| roster?.provider(id));
    let named = |name: Option<&String>| name.map_or_else(|| UNKNOWN.to_owned(), String::clone);
    VisitView {
        event: visit.row.event.to_string(),
        child: named(child.map(|child| &child.name)),
        group: named(group.map(|group| &group.name)),
        provider: named(provider.map(|provider| &provider.name)),
        start_ms: lesson.map_or(visit.row.at_ms, |lesson| lesson.start_ms),
        at_ms: visit.row.at_ms,
        by_hand: visit.row.by_hand,
        mark: mark_view(visit.row.mark),
        answer: visit.answer.as_ref().map(answer_view),
        answer_mark: visit.answer.map(|answer| mark_view(answer.mark)),
        withdrawn: visit.withdrawn.as_ref().map(withdrawn_view),
        not_sure_ms: visit.not_sure_ms,
        answer_until_ms: device.terms().answer_until_ms(visit.row.at_ms),
    }
}

pub(crate) fn answer_view(answer: &device::Answer) -> Answer {
    if answer.was { Answer::Was } else { Answer::WasNot }
}
