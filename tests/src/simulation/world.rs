//! The world of a history: devices, servers, the network between them, and one seeded order of events.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use attendance::{DeviceId, LessonId, ManualReason, Roster, ShortCode};
use device::{Outcome, Recorded};
use hub::CarryLimits;
use rusqlite::Connection;
use seal::{Hash, Signer as _};
use server::{Entropy, Server};
use tempfile::TempDir;

use super::carriers::Waiting;
use super::chance::Chance;
use super::check::Known;
use super::hands::{Begun, Disk, finish, poll};
use super::network::Network;
use super::phone::{Around, Phone, tear};
use super::step::{FaultKind, How, Step};
use super::template::{
    BEGIN_MS, PHONES, Template, key_seed, limits, new_dir, phone_dir, surroundings,
};
use super::together::work_of;
use crate::district;
use crate::town::copy_dir;

/// Everything of one history.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dir: TempDir,
    card_key: seal::SoftwareKey,
    hand: Arc<AtomicI64>,
    entropy: Entropy,
    disk: Arc<Disk>,
    pub(crate) network: Arc<Network>,
    pub(crate) chance: Chance,
    /// Of the chess group, and of the judo group.
    lessons: [Vec<LessonId>; 2],
    server_dir: PathBuf,
    generation: u32,
    /// Looks at the server's file beside it. Nothing is written through it.
    pub(crate) seen: Connection,
    server_backup: Option<(PathBuf, String)>,
    pub(crate) phones: Vec<Phone>,
    pub(crate) known: Known,
    /// Devices of which there was a copy: two may have signed with one key.
    pub(crate) copied: BTreeSet<DeviceId>,
    /// Every roster that a device had, by the check in its name.
    pub(crate) rosters: BTreeMap<[u8; 8], Roster>,
    /// What is in each parcel.
    pub(crate) parcels: BTreeMap<Hash, Vec<Vec<u8>>>,
    /// The answer to each parcel of which nothing was put off.
    pub(crate) parcel_answers: BTreeMap<Hash, Vec<u8>>,
    /// Which devices are hubs for those around them.
    pub(crate) hubs: BTreeSet<u8>,
    /// How much each device carries for others.
    pub(crate) around: Around,
    /// What waited on the carrier that passes parcels on in this step.
    pub(crate) waiting: Vec<Waiting>,
    /// Whose word was given for which parcel.
    pub(crate) words: BTreeSet<(DeviceId, Hash)>,
    /// What the device of a number promised to keep.
    pub(crate) promised: BTreeSet<(u8, Hash)>,
    /// The files that somebody carries.
    pub(crate) files: Vec<String>,
    /// Receipts that came back by hubs and files.
    pub(crate) brought_back: u64,
    /// How often somebody took something from a carrier.
    pub(crate) robbed: u64,
    /// The server forgot something: a backup took the place of its files.
    pub(crate) rewound: bool,
    /// Whether this step may make the server break.
    may_break: bool,
}

impl World {
    /// Begins on a copy of the template.
    pub(crate) fn begin(template: &Template, seed: u64, told: bool) -> Self {
        let dir = new_dir();
        copy_dir(template.dir.path(), dir.path());
        let hand = Arc::new(AtomicI64::new(BEGIN_MS));
        let mut entropy = [0; 32];
        entropy[..8].copy_from_slice(&seed.to_be_bytes());
        let entropy = Entropy::seeded(entropy);
        let disk = Arc::<Disk>::default();
        let network = Arc::new(Network::new(Arc::clone(&disk), told));
        let server_dir = dir.path().join("server");
        let seen = Connection::open(server_dir.join("server.db")).expect("the server's file");
        let around = Around { limits: carry_limits(&mut Chance::new(seed ^ 0x6875_6273)), seed };
        let switch_on = |number| {
            let home = phone_dir(dir.path(), number);
            Phone::switch_on(&home, number, key_seed(number), &hand, around).expect("it starts")
        };
        let phones = (0..PHONES).map(switch_on).collect();
        let lessons = [district::CHESS, district::JUDO]
            .map(|group| district::lessons(group).iter().take(3).map(|lesson| lesson.id).collect());
        let mut world = Self {
            card_key: template.card_key.clone(),
            entropy,
            disk,
            network,
            chance: Chance::new(seed),
            lessons,
            server_dir,
            generation: 0,
            seen,
            server_backup: None,
            phones,
            known: Known::new(template.log_key.clone()),
            copied: BTreeSet::new(),
            rosters: BTreeMap::new(),
            parcels: BTreeMap::new(),
            parcel_answers: BTreeMap::new(),
            hubs: BTreeSet::new(),
            around,
            waiting: Vec::new(),
            words: BTreeSet::new(),
            promised: BTreeSet::new(),
            files: Vec::new(),
            brought_back: 0,
            robbed: 0,
            rewound: false,
            may_break: false,
            hand,
            dir,
        };
        world.start_server().expect("the server starts");
        world
    }

    /// Does one step; what must not be is the error.
    pub(crate) fn step(&mut self, step: &Step) -> Result<(), String> {
        self.network.tell(&format!("{step:?}"), &[]);
        self.may_break = may_break(step);
        if !matches!(step, Step::Sync(_) | Step::CrashServer { .. }) {
            self.network.settle();
        }
        let said = self.perform(step)?;
        if !said.is_empty() {
            self.network.tell(&format!("  {said}"), &[]);
        }
        self.recover()
    }

    pub(crate) fn may_break(&self) -> bool {
        self.may_break
    }

    fn perform(&mut self, step: &Step) -> Result<String, String> {
        match step {
            Step::Open { .. }
            | Step::End { .. }
            | Step::Scan { .. }
            | Step::Answer { .. }
            | Step::CloseMonth
            | Step::Pay { .. } => return self.at_a_screen(step),
            Step::Advance { minutes } => {
                self.hand.fetch_add(i64::from(*minutes) * 60_000, Ordering::Relaxed);
            }
            Step::MonthEnds => {
                self.hand.fetch_max(district::MAY_CLOSE_MS + 3_600_000, Ordering::Relaxed);
            }
            Step::Skew { phone, minutes } => {
                if let Some(phone) = self.phones.get(usize::from(*phone)) {
                    let skew = i64::from(*minutes) * 60_000;
                    phone.clock.skew_ms.store(skew, Ordering::Relaxed);
                }
            }
            Step::Sync(sync) => return self.sync(sync),
            Step::Late => {
                for call in self.network.take_held_back() {
                    finish(self.network.arrive_late(&call));
                }
            }
            Step::Reboot { .. }
            | Step::Crash { .. }
            | Step::Clone { .. }
            | Step::BackUp { .. }
            | Step::Restore { .. }
            | Step::Disk { .. } => return self.with_files_of(step),
            Step::CrashServer { torn } => self.crash_server(*torn)?,
            Step::RestartServer => self.restart_server()?,
            Step::SecondServer if self.network.count_running() > 1 => {
                drop(self.network.stop_last());
            }
            Step::SecondServer => self.start_server()?,
            Step::BackUpServer => {
                let dir = self.next_server_dir("backup");
                copy_dir(&self.server_dir, &dir);
                self.server_backup = Some((dir, self.server_state()));
            }
            Step::RestoreServer => return self.restore_server(),
            Step::Ledger => return self.work(),
            Step::LedgerDies { polls, torn } => {
                let mut task = self.network.any().map(work_of);
                for _ in 0..*polls {
                    let Some(future) = &mut task else { break };
                    if poll(future.doing.as_mut()).is_ready() {
                        task = None;
                    }
                }
                drop(task);
                self.crash_server(*torn)?;
            }
            Step::Carry { by, of, from } => return self.carry(*by, *of, *from),
            Step::Parcel { of, small, faults } => return self.parcel(*of, *small, faults),
            Step::Hub { .. }
            | Step::Visit(_)
            | Step::Rob { .. }
            | Step::CarryOut { .. }
            | Step::CarryIn { .. } => return self.carriers(step),
            Step::Revoke { .. } | Step::Release { .. } | Step::Card { .. } => {
                return self.at_the_office(step);
            }
            Step::NewPhone => return self.new_phone(),
        }
        Ok(String::new())
    }

    pub(crate) fn at_a_screen(&mut self, step: &Step) -> Result<String, String> {
        let said = self.do_at_a_screen(step)?;
        let phone = device_of(step);
        if said.starts_with("kept")
            && self.phones[usize::from(phone)].blind
            && !self.network.has_heard(phone)
        {
            // It may have signed a number that the server has another event for.
            self.copied.insert(self.id_of(usize::from(phone)));
        }
        Ok(said)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`perform` hands on what belongs here")]
    fn do_at_a_screen(&mut self, step: &Step) -> Result<String, String> {
        let phone = device_of(step);
        let due = self.due();
        let lessons = self.lessons[usize::from(phone == 2)].clone();
        let lesson = |lesson: u8| lessons[usize::from(lesson) % lessons.len()];
        let Some(phone) = self.phones.get_mut(usize::from(phone)) else { return Ok(String::new()) };
        match step {
            Step::Open { lesson: at, .. } => {
                let at = lesson(*at);
                phone.show(move |device| device.open_lesson(at).map(Some))
            }
            Step::End { lesson: at, .. } => {
                let at = lesson(*at);
                phone.show(move |device| device.close_lesson(at).map(Some))
            }
            Step::Scan { lesson: at, child, how, .. } => {
                let (at, child) = (lesson(*at), *child);
                let text = match how {
                    How::Card | How::CardTwice => crate::issue(child, &self.card_key).text,
                    How::WrongCard => Template::foreign_card(child),
                    How::Code => ShortCode::derive_from(district::card(child)).to_string(),
                    How::ByHand => {
                        let reason = ManualReason::CardForgotten;
                        return phone.show(move |device| {
                            let done = device.record_manual(district::child(child), at, reason);
                            done.map(|done| kept(&done))
                        });
                    }
                };
                let again = (*how == How::CardTwice).then(|| text.clone());
                let once = phone
                    .show(move |device| device.record_scan(&text, at).map(|done| kept(&done)))?;
                let Some(text) = again else { return Ok(once) };
                let twice = phone
                    .show(move |device| device.record_scan(&text, at).map(|done| kept(&done)))?;
                if once == twice { Ok(once) } else { Err(format!("twice: {once}, then {twice}")) }
            }
            Step::Answer { visit, was, .. } => {
                let (nth, was) = (usize::from(*visit), *was);
                phone.show(move |device| {
                    let visits = device.visits().unwrap_or_default();
                    let Some(visit) = visits.get(nth % visits.len().max(1)) else {
                        return Ok(None);
                    };
                    device.answer(visit.row.event, was).map(Some)
                })
            }
            Step::CloseMonth => {
                phone.show(|device| device.close_month(202_609, district::MAY_CLOSE_MS).map(Some))
            }
            Step::Pay { right } => {
                let Some((provider, tiyn)) = due else { return Ok(String::new()) };
                let tiyn = if *right { tiyn } else { tiyn + 1 };
                phone.show(move |device| {
                    device.record_payment(202_609, provider, tiyn, "MO-1").map(Some)
                })
            }
            _ => Ok(String::new()),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "`perform` hands on what belongs here")]
    fn with_files_of(&mut self, step: &Step) -> Result<String, String> {
        let next = u8::try_from(self.phones.len()).unwrap_or(u8::MAX);
        let home = phone_dir(self.dir.path(), next);
        let (Step::Reboot { phone }
        | Step::Crash { phone, .. }
        | Step::Clone { phone }
        | Step::BackUp { phone }
        | Step::Restore { phone }
        | Step::Disk { phone, .. }) = step
        else {
            return Ok(String::new());
        };
        let number = *phone;
        let Some(phone) = self.phones.get_mut(usize::from(number)) else {
            return Ok(String::new());
        };
        match step {
            Step::Reboot { .. } => {
                phone.reboot()?;
                self.begin_again(number);
            }
            Step::Crash { torn, .. } => self.crash_phone(number, *torn)?,
            Step::BackUp { .. } => phone.back_up(),
            Step::Restore { .. } => {
                let id = DeviceId::derive_from(&phone.key().public_key());
                let before = phone.events()?;
                if phone.restore()? {
                    phone.blind = true;
                    // What the server does not have yet may still be on its way to it, and is signed
                    // anew: that is a fork, however careful the device is.
                    let after = phone.events()?;
                    let mut lost = before.difference(&after);
                    if lost.any(|event| !self.known.places.contains_key(event)) {
                        self.copied.insert(id);
                    }
                    // What it promised since is forgotten with the rest.
                    let folder = phone.folder.clone();
                    self.promised
                        .retain(|(by, parcel)| *by != number || folder.holds_for_sure(*parcel));
                    self.begin_again(number);
                }
            }
            Step::Disk { full, .. } => phone.fill_disk(*full)?,
            Step::Clone { .. } if next < PHONES + 3 => {
                self.copied.insert(DeviceId::derive_from(&phone.key().public_key()));
                let copy = phone.clone_to(&home, next)?;
                self.phones.push(copy);
            }
            _ => {}
        }
        Ok(String::new())
    }

    fn new_phone(&mut self) -> Result<String, String> {
        let number = u8::try_from(self.phones.len()).unwrap_or(u8::MAX);
        if number >= PHONES + 3 {
            return Ok(String::new());
        }
        let home = phone_dir(self.dir.path(), number);
        let phone = Phone::switch_on(&home, number, key_seed(number), &self.hand, self.around)?;
        self.phones.push(phone);
        Ok(String::new())
    }

    pub(crate) fn work(&mut self) -> Result<String, String> {
        if let Some(server) = self.network.any() {
            finish(server.close_due_months()).map_err(|error| format!("the ledger: {error}"))?;
            finish(server.tag_leaves()).map_err(|error| format!("the tags: {error}"))?;
        }
        Ok(String::new())
    }

    /// Starts servers again that died in this step.
    fn recover(&mut self) -> Result<(), String> {
        if self.network.count_running() == 0 {
            let torn = self.network.take_torn();
            self.crash_server(torn)?;
        }
        Ok(())
    }

    fn start_server(&mut self) -> Result<(), String> {
        let begun = Arc::<Begun>::default();
        let around = surroundings(&self.hand, &self.entropy, &self.disk, &begun);
        let server = finish(Server::open_in(&self.server_dir, around, limits()));
        let server = server.map_err(|error| format!("the server does not start: {error}"))?;
        self.network.start(server, begun);
        Ok(())
    }

    fn crash_server(&mut self, torn: bool) -> Result<(), String> {
        let next = self.next_server_dir("server");
        copy_dir(&self.server_dir, &next);
        if torn {
            tear(&next.join("server.db-wal"), &mut self.chance);
        }
        drop(self.network.stop());
        self.go_on_in(next)
    }

    fn restart_server(&mut self) -> Result<(), String> {
        let nothing = Connection::open_in_memory().map_err(|error| error.to_string())?;
        drop(std::mem::replace(&mut self.seen, nothing));
        drop(self.network.stop());
        let dir = self.server_dir.clone();
        self.seen = Connection::open(dir.join("server.db")).map_err(|error| error.to_string())?;
        self.start_server()
    }

    fn restore_server(&mut self) -> Result<String, String> {
        let Some((backup, state)) = self.server_backup.clone() else { return Ok(String::new()) };
        let forgot = state != self.server_state();
        let next = self.next_server_dir("server");
        copy_dir(&backup, &next);
        drop(self.network.stop());
        self.go_on_in(next)?;
        if forgot {
            self.rewound = true;
            self.known.forget();
            self.parcel_answers.clear();
        }
        Ok(format!("it forgot something: {forgot}"))
    }

    fn go_on_in(&mut self, dir: PathBuf) -> Result<(), String> {
        let old = std::mem::replace(&mut self.server_dir, dir);
        self.seen = Connection::open(self.server_dir.join("server.db"))
            .map_err(|error| error.to_string())?;
        std::fs::remove_dir_all(old).map_err(|error| error.to_string())?;
        self.start_server()
    }

    fn next_server_dir(&mut self, what: &str) -> PathBuf {
        self.generation += 1;
        self.dir.path().join(format!("{what}-{}", self.generation))
    }

    /// What a backup of the server does not have when this has changed.
    fn server_state(&self) -> String {
        let sql =
            "SELECT (SELECT count(*) FROM leaf) || ' ' || (SELECT count(*) FROM parked) || ' '
            || (SELECT count(*) || ' ' || sum(suspended) FROM device) || ' '
            || (SELECT count(*) FROM checkpoint) || ' ' || (SELECT count(*) FROM batch)";
        self.seen.query_row(sql, [], |row| row.get(0)).expect("the server's file is readable")
    }

    /// What is due to the first provider of the closed month, in tiyn.
    fn due(&self) -> Option<(attendance::ProviderId, i64)> {
        let sql = "SELECT provider, sum(accrued_tiyn) AS due FROM ledger_entry GROUP BY provider
            HAVING due > 0 ORDER BY provider LIMIT 1";
        let row = self
            .seen
            .query_row(sql, [], |row| Ok((attendance::ProviderId(row.get(0)?), row.get(1)?)));
        row.ok()
    }

    /// Faults stop: clocks are right, disks have room, one server runs, what was held back arrives.
    pub(crate) fn calm_down(&mut self) -> Result<(), String> {
        self.network.tell("all is well again", &[]);
        self.may_break = false;
        while self.network.count_running() > 1 {
            drop(self.network.stop_last());
        }
        for phone in &mut self.phones {
            phone.clock.skew_ms.store(0, Ordering::Relaxed);
            phone.fill_disk(false)?;
        }
        self.perform(&Step::Late).map(drop)
    }
}

/// On whose screen something is done; what belongs to nobody is the coordinator's.
#[expect(clippy::wildcard_enum_match_arm, reason = "`perform` hands on what belongs here")]
fn device_of(step: &Step) -> u8 {
    match step {
        Step::Open { phone, .. }
        | Step::End { phone, .. }
        | Step::Scan { phone, .. }
        | Step::Answer { phone, .. } => *phone,
        _ => 5,
    }
}

/// The event that a screen shows as kept.
fn kept(done: &Recorded) -> Option<Hash> {
    match done.outcome {
        Outcome::Kept | Outcome::Already | Outcome::Guest => done.event,
        Outcome::Refused(_) => None,
    }
}

/// How much a device of a world carries for others: sometimes very little.
fn carry_limits(chance: &mut Chance) -> CarryLimits {
    CarryLimits {
        parcels: chance.pick(&[3, 8, 50]),
        total_bytes: chance.pick(&[4_000, 16_000, 1 << 20]),
        parcels_per_device: chance.pick(&[2, 4, 20]),
        bytes_per_device: chance.pick(&[3_000, 1 << 20]),
        keep_answer_ms: chance.pick(&[2, 90]) * 86_400_000,
        parcel_bytes: 8_000,
        answer_bytes: 8_000,
    }
}

/// Whether a server may answer that it is broken.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other steps have no faults")]
fn may_break(step: &Step) -> bool {
    let faults = match step {
        Step::Sync(sync) => &sync.faults,
        Step::Visit(visit) => &visit.sync.faults,
        Step::Parcel { faults, .. } => faults,
        _ => &Vec::new(),
    };
    faults.iter().any(|fault| matches!(fault.kind, FaultKind::FullDisk(_)))
}
