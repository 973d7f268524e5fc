//! The demonstration's machines: one server process, devices, one clock for all of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use attendance::{ChildId, Role};
use chrono::{FixedOffset, TimeZone as _};
use serde_json::{Value, json};
use server::{Grant, Server, ServerClock};
use shell_core::{Shell, ShellClock, ShellConfig};
use sync_api::Ticket;

use super::district;
use super::people::CHILDREN;
use super::process::Process;

/// How long a ticket is good for, in milliseconds.
const TICKET_LIFE_MS: i64 = 10 * 60_000;

/// Two brothers or sisters use one family's phone.
pub(super) const CHILDREN_A_FAMILY: usize = 2;

/// The first morning of the demonstration.
pub(super) fn first_morning_ms() -> i64 {
    local_ms(2026, 9, 1, (7, 0))
}

/// Milliseconds since 1970-01-01T00:00Z of a local time, UTC+5.
pub(super) fn local_ms(year: i32, month: u32, day: u32, (hour, minute): (u32, u32)) -> i64 {
    let zone = FixedOffset::east_opt(5 * 3600).expect("five hours are less than a day");
    let at = zone.with_ymd_and_hms(year, month, day, hour, minute, 0).single();
    at.expect("a time of the demonstration").timestamp_millis()
}

/// Writes a time the way `--clock` reads it.
pub(super) fn clock_text(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().to_rfc3339()
}

/// The machines.
#[derive(Debug)]
pub(super) struct World {
    /// Where everything is.
    pub(super) dir: PathBuf,
    /// The hand of the devices' clock.
    hand: Arc<AtomicI64>,
    /// One teacher's tablet for each provider.
    pub(super) teachers: Vec<Shell>,
    /// One phone for each family.
    pub(super) parents: Vec<Shell>,
    /// The coordinator's laptop.
    pub(super) coordinator: Shell,
}

impl World {
    /// Sets the devices' clock.
    pub(super) fn set_clock(&self, at_ms: i64) {
        self.hand.store(at_ms, Ordering::Relaxed);
    }

    /// The directory of a device.
    pub(super) fn device_dir(dir: &Path, name: &str) -> PathBuf {
        dir.join("devices").join(name)
    }

    /// Makes every device, enrols it with its own ticket, and lets it fetch its roster.
    pub(super) async fn enrol(dir: &Path, server: &Process) -> anyhow::Result<(Self, Value)> {
        let clock = ServerClock::starting_at(first_morning_ms());
        let office = Server::open(&dir.join("server"), clock).await?;
        let hand = Arc::new(AtomicI64::new(first_morning_ms() + 3_600_000));
        let maker = Maker { dir, hand: &hand, office: &office, address: &server.address };
        let mut teachers = Vec::new();
        for number in 0..2 {
            let name = format!("teacher-{}", number + 1);
            teachers.push(maker.device(&name, teacher_grant(number)).await?);
        }
        let mut parents = Vec::new();
        for family in 0..CHILDREN.len() / CHILDREN_A_FAMILY {
            let name = format!("parent-{:02}", family + 1);
            parents.push(maker.device(&name, parent_grant(family)).await?);
        }
        let coordinator = maker.device("coordinator", coordinator_grant()).await?;
        let figures = json!({
            "teachers": teachers.len(),
            "parents": parents.len(),
            "coordinators": 1,
            "server": server.address,
        });
        Ok((Self { dir: dir.to_owned(), hand, teachers, parents, coordinator }, figures))
    }
}

struct Maker<'a> {
    dir: &'a Path,
    hand: &'a Arc<AtomicI64>,
    office: &'a Server,
    address: &'a str,
}

impl Maker<'_> {
    async fn device(&self, name: &str, grant: Grant) -> anyhow::Result<Shell> {
        let config = ShellConfig {
            data_dir: World::device_dir(self.dir, name),
            clock: ShellClock::hand(Arc::clone(self.hand)),
        };
        let shell = Shell::open(config)?;
        let ticket = self.office.make_ticket(&grant, self.address, TICKET_LIFE_MS).await?;
        // The ticket crosses from the coordinator's screen to the device as text, like its QR.
        let text = ticket.to_text();
        Ticket::parse(&text).context("the ticket's text")?;
        shell.enrol(&text).await.with_context(|| format!("enrolling {name}"))?;
        shell.sync_now().await.with_context(|| format!("first sync of {name}"))?;
        Ok(shell)
    }
}

fn teacher_grant(provider: usize) -> Grant {
    Grant {
        role: Role::Teacher,
        provider: Some(district::provider(provider)),
        groups: district::groups_of(provider),
        children: Vec::new(),
        name: format!("Tablet {}", provider + 1),
    }
}

/// The children of a family, by number.
pub(super) fn family(number: usize) -> std::ops::Range<usize> {
    number * CHILDREN_A_FAMILY..(number + 1) * CHILDREN_A_FAMILY
}

fn parent_grant(number: usize) -> Grant {
    let children: Vec<ChildId> = family(number).map(district::child).collect();
    Grant {
        role: Role::Parent,
        provider: None,
        groups: Vec::new(),
        children,
        name: format!("Family {:02}", number + 1),
    }
}

fn coordinator_grant() -> Grant {
    Grant {
        role: Role::Coordinator,
        provider: None,
        groups: Vec::new(),
        children: Vec::new(),
        name: "Coordinator".to_owned(),
    }
}
