//! The scanner at the door: one child after another without leaving the page.

use ipc::{Outcome, Reason, RosterRowView, ScanView};
use leptos::{prelude::*, task::spawn_local};

use super::{
    end::EndLesson,
    result::{Done, Earlier, LastResult},
    undo::Undo,
};
use crate::{
    components::{ByHand, Icon, Notice, Shape},
    i18n::I18n,
    invoke,
    live::{Beat, Live, Task},
    route::Route,
    scanner::{Frames, ImageFile, Native, Scanned, Typed, listen_to_hand_scanner, measure},
    sound,
};

/// Shows the scanner of an open lesson.
#[component]
pub(crate) fn Scan(
    /// The lesson's id.
    lesson: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let id = StoredValue::new(lesson.clone());
    let roster = Live::new(move || invoke::roster(id.get_value()));
    let door = Door::new(id);
    Effect::new(move |_| {
        if let Some(count) = roster.read(|r| (r.lesson.present, r.lesson.enrolled)) {
            door.count.set(Some(count));
        }
    });
    let on_scan = Callback::new(move |scanned| door.scan(scanned));
    listen_to_hand_scanner(on_scan);
    let group = move || roster.read(|roster| roster.lesson.group.clone());
    let missing =
        Signal::derive(move || roster.read(|roster| unmarked(&roster.rows)).unwrap_or_default());
    let by_hand = move || {
        door.by_hand.get().then(|| {
            view! {
                <section class="panel">
                    <h2>{i18n.t("by-hand-title")}</h2>
                    <ByHand
                        missing
                        known=Reason::CardRefused
                        busy=Signal::derive(move || door.task.busy())
                        on_mark=move |(child, reason)| door.mark(child, reason)
                    />
                </section>
            }
        })
    };
    let beside = door.beside();
    let earlier = Signal::derive(move || {
        let shown = usize::from(beside.with(Option::is_some));
        door.earlier.with(|earlier| earlier.iter().skip(shown).cloned().collect::<Vec<_>>())
    });
    view! {
        <section class="scan">
            <div class="scan-view">
                <Frames on_scan />
                <div class="scan-bar">
                    <a class="round" href=Route::Home.href() aria-label=i18n.t("back")>
                        <Icon shape=Shape::Back />
                    </a>
                    <h1 class="scan-group">{group}</h1>
                    <Counter count=door.count.into() />
                </div>
            </div>
            <div class="scan-side">
                <LastResult
                    last=door.last.into()
                    beside=beside.into()
                    on_by_hand=move |()| door.by_hand.set(true)
                />
                <Undo last=door.last />
                <Notice fault=door.fault.into() />
                <Notice fault=door.task.fault() />
                <Notice fault=roster.fault() />
                {by_hand}
                <Earlier earlier />
                <Typed on_scan />
                <div class="actions">
                    <ImageFile on_scan />
                    <Native on_scan />
                    <a class="button quiet" data-testid="lesson-roster" href=Route::Roster(lesson.clone()).href()>
                        <Icon shape=Shape::List />
                        <span>{i18n.t("roster")}</span>
                    </a>
                </div>
                <EndLesson lesson of=Signal::derive(move || roster.read(|r| r.lesson.clone())) />
            </div>
        </section>
    }
}

/// Shows how many of how many came.
#[component]
fn Counter(
    /// Present and enrolled.
    count: Signal<Option<(u32, u32)>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    move || {
        count.get().map(|(present, enrolled)| {
            let words = move || {
                i18n.format("counter", &[("present", present.into()), ("enrolled", enrolled.into())])
            };
            view! {
                <p class="counter" data-testid="counter" data-present=present data-enrolled=enrolled>
                    {words}
                </p>
            }
        })
    }
}

/// What happens at the door: scans go in, results come out.
#[derive(Clone, Copy)]
struct Door {
    lesson: StoredValue<String>,
    count: RwSignal<Option<(u32, u32)>>,
    last: RwSignal<Option<Done>>,
    earlier: RwSignal<Vec<Done>>,
    fault: RwSignal<Option<ipc::ErrorView>>,
    by_hand: RwSignal<bool>,
    task: Task,
    beat: Beat,
}

impl Door {
    fn new(lesson: StoredValue<String>) -> Self {
        Self {
            lesson,
            count: RwSignal::new(None),
            last: RwSignal::new(None),
            earlier: RwSignal::new(Vec::new()),
            fault: RwSignal::new(None),
            by_hand: RwSignal::new(false),
            task: Task::new(),
            beat: Beat::expect(),
        }
    }

    /// Hands the text straight to the shell. Siblings in one frame come here one after the other.
    fn scan(self, scanned: Scanned) {
        let Scanned { text, source, seen_ms } = scanned;
        let command = invoke::record_scan(self.lesson.get_value(), text, source);
        spawn_local(async move {
            let answer = command.await;
            if let Some(seen_ms) = seen_ms {
                measure("scan-answered", seen_ms);
                request_animation_frame(move || measure("scan-shown", seen_ms));
            }
            if self.fault.try_set(None).is_some() {
                return; // the page was left; what was recorded stays recorded
            }
            match answer {
                Ok(view) => self.show(view, seen_ms),
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }

    fn mark(self, child: String, reason: Reason) {
        let command = invoke::record_manual(self.lesson.get_value(), child, reason);
        self.task.run(command, move |view| self.show(view, None));
    }

    /// The result before the last one, if both were before the camera together.
    fn beside(self) -> Memo<Option<Done>> {
        Memo::new(move |_| {
            let last = self.last.get()?;
            self.earlier.with(|earlier| earlier.first().filter(|one| one.is_beside(&last)).cloned())
        })
    }

    fn show(self, view: ScanView, seen_ms: Option<f64>) {
        sound::announce(view.outcome);
        self.count.set(Some((view.present, view.enrolled)));
        if view.outcome != Outcome::Refused {
            self.by_hand.set(false);
        }
        let number =
            self.last.with_untracked(|last| last.as_ref().map_or(1, |last| last.number + 1));
        let before = self
            .last
            .try_update(|last| last.replace(Done { number, view, is_undone: false, seen_ms }))
            .flatten();
        self.earlier.update(|earlier| {
            earlier.splice(0..0, before);
            earlier.truncate(EARLIER);
        });
        self.beat.now();
    }
}

fn unmarked(rows: &[RosterRowView]) -> Vec<RosterRowView> {
    rows.iter().filter(|row| row.event.is_none()).cloned().collect()
}

const EARLIER: usize = 3;
