//! A month of the demonstration: who came, what the families answered.

use std::collections::BTreeMap;

use anyhow::Context as _;
use attendance::{ChildId, LessonId};
use device::{Device, Outcome};
use ledger::{Lesson, Month, Snapshot};
use shell_core::Shell;

use super::district;
use super::world::World;
use crate::console::Console;

/// How a child came to a lesson. Decided by a hash: the same in every run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Came {
    No,
    WithCard,
    WithCode,
}

fn draw(about: &str, child: ChildId, lesson: LessonId) -> u8 {
    let hash = seal::sha256_of(&[about.as_bytes(), child.as_bytes(), lesson.as_bytes()]);
    hash.0[0] % 100
}

fn came(child: ChildId, lesson: LessonId) -> Came {
    match draw("came", child, lesson) {
        0..=10 => Came::No,
        11..=13 => Came::WithCode,
        _ => Came::WithCard,
    }
}

/// Counts what was recorded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recorded {
    pub(super) lessons: u64,
    pub(super) visits: u64,
    pub(super) by_code: u64,
    pub(super) again: u64,
}

/// What a scanner reads of each child's card.
pub(super) struct Readings<'a> {
    /// The QR's text, as read from the card's photograph.
    pub(super) texts: &'a [String],
    /// The code under it.
    pub(super) codes: &'a [String],
}

/// Records every lesson of a month that starts before `until_ms`, on the teachers' tablets.
pub(super) async fn record(
    world: &World,
    snapshot: &Snapshot,
    month: Month,
    readings: &Readings<'_>,
    (until_ms, console): (i64, Console),
) -> anyhow::Result<Recorded> {
    let numbers = (0..readings.texts.len()).map(|number| (district::child(number), number));
    let scene = Scene { world, snapshot, numbers: numbers.collect(), readings };
    let mut recorded = Recorded::default();
    let mut lessons = snapshot.lessons(month);
    lessons.retain(|lesson| lesson.start_ms < until_ms);
    for (number, lesson) in lessons.iter().enumerate() {
        console.progress(&format!("lesson {} of {}", number + 1, lessons.len()));
        scene.lesson(lesson, &mut recorded).await?;
    }
    Ok(recorded)
}

/// Who is there, and what their cards say.
struct Scene<'a> {
    world: &'a World,
    snapshot: &'a Snapshot,
    numbers: BTreeMap<ChildId, usize>,
    readings: &'a Readings<'a>,
}

impl Scene<'_> {
    async fn lesson(&self, lesson: &Lesson, recorded: &mut Recorded) -> anyhow::Result<()> {
        let teacher = usize::from(lesson.provider == district::provider(1));
        let shell = self.world.teachers.get(teacher).context("each provider has a tablet")?;
        let id = lesson.id;
        self.world.set_clock(lesson.start_ms - 8 * 60_000);
        shell.device().with(move |device| device.open_lesson(id)).await?;
        recorded.lessons += 1;
        let enrolled = self.snapshot.contracts.iter();
        let enrolled = enrolled.filter(|c| c.is_in(lesson.group, lesson.day));
        for (place, contract) in enrolled.enumerate() {
            let number = *self.numbers.get(&contract.child).context("every child has a card")?;
            let text = match came(contract.child, id) {
                Came::No => continue,
                Came::WithCard => &self.readings.texts[number],
                Came::WithCode => {
                    recorded.by_code += 1;
                    &self.readings.codes[number]
                }
            };
            let at_ms = lesson.start_ms - 5 * 60_000 + i64::try_from(place)? * 9_000;
            self.world.set_clock(at_ms);
            expect(shell, text, id, &Outcome::Kept).await?;
            recorded.visits += 1;
            if draw("again", contract.child, id) < 4 {
                expect(shell, text, id, &Outcome::Already).await?;
                recorded.again += 1;
            }
        }
        self.world.set_clock(lesson.end_ms);
        shell.device().with(move |device| device.close_lesson(id)).await?;
        Ok(())
    }
}

async fn expect(
    shell: &Shell,
    text: &str,
    lesson: LessonId,
    expected: &Outcome,
) -> anyhow::Result<()> {
    let text = text.to_owned();
    let done = shell.device().with(move |device| device.record_scan(&text, lesson)).await?;
    let found = done.outcome;
    anyhow::ensure!(found == *expected, "a scan gave {found:?} where {expected:?} was due");
    Ok(())
}

/// Counts what families answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answered {
    pub(super) seen: u64,
    pub(super) was: u64,
    pub(super) was_not: u64,
    pub(super) silent: u64,
}

/// Answers every visit that a family's phone has seen, except the newest `leave` ones.
pub(super) async fn answer(shell: &Shell, leave: usize) -> anyhow::Result<Answered> {
    shell.device().with(move |device| answer_on(device, leave)).await
}

fn answer_on(device: &mut Device, leave: usize) -> anyhow::Result<Answered> {
    let mut answered = Answered::default();
    // Newest first, as the phone shows them.
    for visit in device.visits()?.into_iter().skip(leave) {
        answered.seen += 1;
        match draw("answer", visit.child, visit.lesson) {
            0..=1 => {
                device.answer(visit.row.event, false)?;
                answered.was_not += 1;
            }
            2..=4 => answered.silent += 1,
            _ => {
                device.answer(visit.row.event, true)?;
                answered.was += 1;
            }
        }
    }
    Ok(answered)
}
