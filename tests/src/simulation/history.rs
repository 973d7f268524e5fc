//! Makes histories: steps that follow from the seed alone, so that one may be left out and the others stay
//! what they were.

use super::chance::Chance;
use super::step::{Damage, Fault, FaultKind, How, Step, Sync, Visit};

/// Makes the history of a seed.
#[must_use]
pub fn history(seed: u64) -> Vec<Step> {
    let mut chance = Chance::new(seed ^ 0x7161_7479_7375);
    let kinds = Kinds::draw(&mut chance);
    let length = 30 + chance.below(31);
    let mut steps = Vec::new();
    for phone in [0, 1, 2] {
        if !chance.one_in(4) {
            steps.push(Step::Open { phone, lesson: 0 });
        }
    }
    while steps.len() < length {
        kinds.push(&mut chance, &mut steps);
    }
    if kinds.carriers {
        let plan = by_hub(&mut chance, &kinds);
        strew(&mut chance, &mut steps, length / 4, plan);
        if chance.one_in(2) {
            let plan = by_file(&mut chance, &kinds);
            strew(&mut chance, &mut steps, length / 2, plan);
        }
        steps.insert(0, Step::Hub { phone: kinds.hub });
    }
    if kinds.revokes {
        let plan = revocation(&mut chance, &kinds);
        strew(&mut chance, &mut steps, length / 3, plan);
    }
    if kinds.month {
        let at = length / 3 + chance.below(length / 3);
        let plan = month(&mut chance, &kinds);
        strew(&mut chance, &mut steps, at, plan);
    }
    steps
}

/// Puts steps among the others, in their order, from a place on.
fn strew(chance: &mut Chance, steps: &mut Vec<Step>, mut at: usize, plan: Vec<Step>) {
    for step in plan {
        at = (at + chance.below(3)).min(steps.len());
        steps.insert(at, step);
        at += 1;
    }
}

/// What a teacher recorded is left at a hub, which brings it to the server, and the answers back.
fn by_hub(chance: &mut Chance, kinds: &Kinds) -> Vec<Step> {
    let phone = chance.pick(&[0, 1, 2]);
    let mut steps = Vec::new();
    for _ in 0..=chance.below(2) {
        steps.extend([Step::Open { phone, lesson: 1 }, kinds.scan(phone, chance)]);
        let forwards = chance.one_in(3);
        steps.push(Step::Visit(Visit { forwards, ..kinds.visit(&[phone], chance) }));
    }
    if kinds.phone_dies && chance.one_in(2) {
        steps.push(Step::Crash { phone: kinds.hub, torn: chance.one_in(2) });
    }
    steps.push(Step::Visit(Visit { forwards: true, ..kinds.visit(&[], chance) }));
    steps.push(Step::Visit(kinds.visit(&[phone], chance)));
    steps
}

/// The same by file: out, into a device that has a network, and back.
fn by_file(chance: &mut Chance, kinds: &Kinds) -> Vec<Step> {
    let phone = chance.pick(&[0, 1, 2]);
    let visit =
        |chance: &mut Chance| Step::Visit(Visit { forwards: true, ..kinds.visit(&[], chance) });
    vec![
        Step::Open { phone, lesson: 2 },
        kinds.scan(phone, chance),
        Step::CarryOut { phone, own: chance.one_in(2) },
        kinds.carry_in(kinds.hub, chance),
        visit(chance),
        Step::CarryOut { phone: kinds.hub, own: false },
        kinds.carry_in(phone, chance),
    ]
}

/// A month's end: everybody sends, the family answers, the coordinator closes and enters the payment.
fn month(chance: &mut Chance, kinds: &Kinds) -> Vec<Step> {
    let mut sync =
        |phones: &[u8]| Step::Sync(Sync { phones: phones.to_vec(), ..kinds.sync(chance) });
    let (teachers, families) = (sync(&[0, 1, 2]), sync(&[3, 4]));
    let (closes, hears, pays) = (sync(&[5, 3]), sync(&[5]), sync(&[5, 0]));
    let answer = |phone| Step::Answer { phone, visit: draw_byte(&mut chance.clone()), was: true };
    let (was, also) = (answer(3), answer(4));
    vec![
        teachers,
        families,
        was,
        also,
        Step::MonthEnds,
        Step::CloseMonth,
        closes,
        Step::Ledger,
        hears,
        Step::Pay { right: chance.one_in(2) },
        Step::Pay { right: true },
        pays,
        Step::Ledger,
    ]
}

/// A device is revoked, goes on and sends, and some or all of that is let in.
fn revocation(chance: &mut Chance, kinds: &Kinds) -> Vec<Step> {
    let phone = chance.pick(&[0, 0, 1, 2]);
    let sync =
        |chance: &mut Chance, phone| Step::Sync(Sync { phones: vec![phone], ..kinds.sync(chance) });
    let mut steps = vec![
        Step::Open { phone, lesson: 1 },
        sync(chance, phone),
        Step::Revoke { phone },
        sync(chance, 5),
        kinds.scan(phone, chance),
        Step::Open { phone, lesson: 2 },
        sync(chance, phone),
    ];
    if !chance.one_in(4) {
        steps.push(Step::Release { phone, back: chance.pick(&[0, 0, 1, 2]) });
        steps.extend([sync(chance, 5), kinds.scan(phone, chance), sync(chance, phone)]);
    }
    steps
}

/// Which faults a history has. Not all at once: what always hides behind something else is never seen.
struct Kinds {
    network: bool,
    flips: bool,
    phone_dies: bool,
    server_dies: bool,
    clocks: bool,
    copies: bool,
    server_copies: bool,
    disks: bool,
    two_servers: bool,
    month: bool,
    parcels: bool,
    revokes: bool,
    cards: bool,
    carriers: bool,
    /// Whose device is the hub.
    hub: u8,
}

impl Kinds {
    fn draw(chance: &mut Chance) -> Self {
        Self {
            network: !chance.one_in(4),
            flips: chance.one_in(2),
            phone_dies: chance.one_in(2),
            server_dies: chance.one_in(2),
            clocks: chance.one_in(3),
            copies: chance.one_in(4),
            server_copies: chance.one_in(8),
            disks: chance.one_in(3),
            two_servers: chance.one_in(3),
            month: chance.one_in(2),
            parcels: chance.one_in(3),
            revokes: chance.one_in(4),
            cards: chance.one_in(4),
            carriers: chance.one_in(2),
            hub: chance.pick(&[5, 5, 1, 0]),
        }
    }

    fn push(&self, chance: &mut Chance, steps: &mut Vec<Step>) {
        let phone = self.phone(chance);
        if self.copies && !steps.iter().any(|step| matches!(step, Step::Clone { .. })) {
            return steps.extend(self.twins(chance));
        }
        let step = match chance.below(54) {
            0..=11 => {
                for _ in 0..chance.below(3) {
                    let more = self.at_a_screen(chance);
                    steps.push(more);
                }
                self.at_a_screen(chance)
            }
            12..=22 => Step::Sync(self.sync(chance)),
            23..=24 => Step::Advance { minutes: draw_minutes(chance) },
            25 if self.server_dies && chance.one_in(2) => {
                Step::LedgerDies { polls: draw_byte(chance) % 60, torn: chance.one_in(2) }
            }
            25 => Step::Ledger,
            26 => Step::Carry { by: phone, of: self.phone(chance), from: draw_from(chance) },
            27 if self.network => Step::Late,
            28 if self.clocks => Step::Skew { phone, minutes: draw_skew(chance) },
            29 if self.clocks => Step::Reboot { phone },
            30 if self.phone_dies => Step::Crash { phone, torn: chance.one_in(2) },
            31 if self.server_dies => Step::CrashServer { torn: chance.one_in(2) },
            32 if self.server_dies => Step::RestartServer,
            33 if self.two_servers => Step::SecondServer,
            34 if self.copies => Step::Clone { phone: chance.pick(&[0, 0, 1, 1, 2, 3, 5]) },
            35 if self.copies => chance.pick(&[Step::BackUp { phone }, Step::Restore { phone }]),
            36 if self.server_copies => {
                chance.pick(&[Step::BackUpServer, Step::BackUpServer, Step::RestoreServer])
            }
            37 if self.disks => Step::Disk { phone, full: !chance.one_in(3) },
            38 if self.month => {
                let pays = [Step::Pay { right: true }, Step::Pay { right: false }];
                chance.pick(&[&[Step::CloseMonth, Step::Ledger][..], &pays].concat())
            }
            39 if !steps.contains(&Step::NewPhone) => {
                steps.push(Step::NewPhone);
                let mut sync = Sync { phones: vec![6], ..self.sync(chance) };
                if self.flips {
                    let at = u16::try_from(chance.below(4096)).unwrap_or_default();
                    sync.faults.push(Fault { call: 0, kind: FaultKind::FlipAnswer(at) });
                }
                Step::Sync(sync)
            }
            40..=42 if self.parcels => {
                let mut faults = self.sync(chance).faults;
                faults.iter_mut().for_each(|fault| fault.call %= 2);
                Step::Parcel { of: phone, small: chance.one_in(3), faults }
            }
            43 if self.revokes => Step::Revoke { phone },
            44 if self.revokes => Step::Release { phone, back: draw_byte(chance) % 3 },
            45 if self.cards => {
                Step::Card { child: 1 + draw_byte(chance) % 4, revoked: !chance.one_in(3) }
            }
            46..=48 if self.carriers => {
                let phones = self.sync(chance).phones;
                Step::Visit(self.visit(&phones, chance))
            }
            49 if self.carriers => Step::CarryOut { phone, own: chance.one_in(2) },
            50..=51 if self.carriers => self.carry_in(phone, chance),
            52 if self.carriers => {
                let file = (!chance.one_in(3)).then(|| draw_byte(chance));
                let phone = chance.pick(&[self.hub, self.hub, phone]);
                Step::Rob { phone, file, restart: chance.one_in(2) }
            }
            53 if self.carriers && chance.one_in(3) => Step::Hub { phone: self.hub },
            _ => return,
        };
        steps.push(step);
    }

    fn visit(&self, phones: &[u8], chance: &mut Chance) -> Visit {
        let mut sync = Sync { phones: phones.to_vec(), ..self.sync(chance) };
        if let Some((phone, _)) = &mut sync.crash {
            *phone = chance.pick(&[&[self.hub], phones].concat());
        }
        let dies = (self.phone_dies && chance.one_in(3)).then(|| draw_byte(chance) % 12);
        Visit { hub: self.hub, sync, forwards: !chance.one_in(3), dies }
    }

    fn carry_in(&self, phone: u8, chance: &mut Chance) -> Step {
        let how = [Damage::Flip, Damage::Flip, Damage::Cut, Damage::Line, Damage::Order];
        let damaged = self.flips && chance.one_in(3);
        Step::CarryIn {
            phone,
            file: chance.pick(&[0, 0, 0, 0, 1, 2, 3]),
            damage: damaged.then(|| {
                (chance.pick(&how), u16::try_from(chance.below(4096)).unwrap_or_default())
            }),
            dies: (self.phone_dies && chance.one_in(4)).then(|| draw_byte(chance) % 8),
        }
    }

    fn at_a_screen(&self, chance: &mut Chance) -> Step {
        let phone = self.phone(chance);
        let lesson = chance.pick(&[0, 0, 0, 1, 1, 2]);
        match chance.below(12) {
            0..=1 => Step::Open { phone, lesson },
            2 if chance.one_in(2) => Step::End { phone, lesson },
            _ => self.scan(phone, chance),
        }
    }

    /// Teachers most often. Copies and new devices have the numbers from 6 on.
    fn phone(&self, chance: &mut Chance) -> u8 {
        if self.copies {
            chance.pick(&[0, 0, 1, 1, 2, 3, 4, 5, 6, 6, 6, 7, 7, 8])
        } else {
            chance.pick(&[0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7])
        }
    }

    /// A device is copied, both go on, and what they signed comes to the server in any order.
    fn twins(&self, chance: &mut Chance) -> Vec<Step> {
        let phone = chance.pick(&[0, 1]);
        let mut steps = vec![Step::Clone { phone }];
        for (who, lessons) in [(phone, 1..2), (6, 1..3)] {
            steps.extend(lessons.map(|lesson| Step::Open { phone: who, lesson }));
            for _ in 0..chance.below(4) {
                steps.push(self.scan(who, chance));
            }
            let mut sync = Sync { phones: vec![who], ..self.sync(chance) };
            if chance.one_in(2) {
                (sync.faults, sync.crash) = (Vec::new(), None);
            }
            steps.extend(match chance.below(4) {
                0 => None,
                1 => Some(Step::Carry { by: 5, of: who, from: draw_from(chance) }),
                2 if who == 6 => Some(Step::Carry { by: 5, of: who, from: None }),
                _ => Some(Step::Sync(sync)),
            });
        }
        steps
    }

    fn scan(&self, phone: u8, chance: &mut Chance) -> Step {
        if [3, 4].contains(&phone) {
            return Step::Answer { phone, visit: draw_byte(chance), was: !chance.one_in(3) };
        }
        let how = [How::Card, How::Card, How::CardTwice, How::WrongCard, How::Code];
        let how = chance.pick(&[&how[..], &[How::ByHand, How::Card]].concat());
        let lesson = chance.pick(&[0, 0, 0, 1, 1, 2]);
        Step::Scan { phone, lesson, child: 1 + draw_byte(chance) % 4, how }
    }

    fn sync(&self, chance: &mut Chance) -> Sync {
        let count = chance.pick(&[1, 1, 1, 2, 2, 3]);
        let phones: Vec<u8> = (0..count).map(|_| self.phone(chance)).collect();
        let mut faults = Vec::new();
        while !chance.one_in(2) {
            let calls = if chance.one_in(2) { 4 } else { 8 * phones.len() };
            let call = u8::try_from(chance.below(calls)).unwrap_or_default();
            let Some(kind) = self.fault(chance) else { continue };
            faults.push(Fault { call, kind });
            if let FaultKind::FlipAnswer(at) = kind
                && chance.one_in(2)
            {
                // A bad line stays bad for a while.
                let (call, kind) = (call + 1, FaultKind::FlipAnswer(at ^ 0x2a5));
                faults.push(Fault { call, kind });
            }
        }
        let crash = (self.phone_dies && chance.one_in(4))
            .then(|| (chance.pick(&phones), draw_polls(chance)));
        let meanwhile = chance.one_in(3).then(|| {
            let step = if chance.one_in(4) { Step::Ledger } else { self.at_a_screen(chance) };
            (draw_polls(chance), Box::new(step))
        });
        Sync { phones, faults, crash, meanwhile, order: chance.next() }
    }

    fn fault(&self, chance: &mut Chance) -> Option<FaultKind> {
        let at = u16::try_from(chance.below(4096)).unwrap_or_default();
        let polls = u8::try_from(chance.below(24)).unwrap_or_default();
        match chance.below(16) {
            0 if self.network => Some(FaultKind::LoseRequest),
            1..=3 if self.network => Some(FaultKind::LoseAnswer),
            4 if self.network => Some(FaultKind::Delay),
            5 if self.network => Some(FaultKind::Twice),
            6 if self.network => Some(FaultKind::OldAnswer),
            7 if self.flips => Some(FaultKind::FlipRequest(at)),
            8 if self.flips => Some(FaultKind::FlipAnswer(at)),
            9 if self.flips => Some(FaultKind::CutAnswer(at)),
            10 if self.server_dies => Some(FaultKind::CrashServer(polls, chance.one_in(2))),
            11 if self.disks => {
                // Most often where a batch is appended and its tree head signed.
                let polls = chance.pick(&[polls, 3, 4, 5, 5, 6, 7, 8]);
                Some(FaultKind::FullDisk(polls))
            }
            12..=13 if self.network => Some(FaultKind::GoAway(polls)),
            14..=15 if self.flips => Some(FaultKind::FalseReceipts(at)),
            _ => None,
        }
    }
}

fn draw_byte(chance: &mut Chance) -> u8 {
    u8::try_from(chance.below(256)).unwrap_or_default()
}

fn draw_from(chance: &mut Chance) -> Option<u8> {
    (!chance.one_in(3)).then(|| draw_byte(chance) % 10)
}

fn draw_polls(chance: &mut Chance) -> u16 {
    let end = chance.pick(&[20, 60, 200]);
    u16::try_from(chance.below(end)).unwrap_or_default()
}

fn draw_minutes(chance: &mut Chance) -> u16 {
    chance.pick(&[1, 10, 45, 180, 1_440, 4_320])
}

fn draw_skew(chance: &mut Chance) -> i32 {
    chance.pick(&[0, 0, 7, -7, 240, -240, 43_200, -43_200, 500_000, -500_000])
}
