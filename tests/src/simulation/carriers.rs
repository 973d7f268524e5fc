//! Those who carry for others: hubs that are visited, and files that people carry.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use hub::{CarryError, Destination, Forwarded, Hub};
use ipc::ErrorCode;
use seal::Hash;
use shell_core::{ShellError, take_carry_file, write_carry_file};
use sync_api::HubAddress;
use sync_client::{HubError, HubReport, Transport};

use super::hands::finish;
use super::hubs::address_of;
use super::network::Way;
use super::step::{Damage, Step, Visit};
use super::template::client;
use super::together::{Ending, Task};
use super::world::World;

/// A parcel that waited on a carrier's device when it began to pass parcels on.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) parcel: Hash,
    pub(crate) device: attendance::DeviceId,
    /// Rises in the order in which they came.
    pub(crate) number: u64,
}

impl World {
    /// Does a step of those who carry.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`perform` hands on what belongs here")]
    pub(crate) fn carriers(&mut self, step: &Step) -> Result<String, String> {
        match step {
            Step::Hub { phone } => Ok(self.switch_hub(*phone)),
            Step::Visit(visit) => self.visit(visit),
            Step::Rob { phone, file, restart } => self.rob(*phone, *file, *restart),
            Step::CarryOut { phone, own } => self.carry_out(*phone, *own),
            Step::CarryIn { phone, file, damage, dies } => {
                self.carry_in(*phone, usize::from(*file), *damage, *dies)
            }
            _ => Ok(String::new()),
        }
    }

    fn switch_hub(&mut self, number: u8) -> String {
        if self.hubs.remove(&number) {
            self.network.hubs.stop(number);
            return "it is no hub any more".to_owned();
        }
        if usize::from(number) < self.phones.len() {
            self.hubs.insert(number);
            self.start_hub(number);
        }
        format!("it is a hub: {}", self.network.hubs.is_running(number))
    }

    /// Lets a device be a hub again that was one, if it may.
    fn start_hub(&self, number: u8) {
        let Some(phone) = self.phones.get(usize::from(number)) else { return };
        if !self.hubs.contains(&number) {
            return;
        }
        let hub = Hub::of(phone.device.clone(), Arc::clone(&phone.store), Arc::default());
        if let Ok(hub) = finish(hub) {
            self.network.hubs.start(number, hub, phone.folder.clone());
        }
    }

    /// A device dies, and with it the hub that it is; both start again.
    pub(crate) fn crash_phone(&mut self, number: u8, torn: bool) -> Result<(), String> {
        self.network.hubs.stop(number);
        let Some(phone) = self.phones.get_mut(usize::from(number)) else { return Ok(()) };
        phone.crash(torn.then_some(&mut self.chance))?;
        self.begin_again(number);
        Ok(())
    }

    /// What a device's program does at its start besides opening its files.
    pub(crate) fn begin_again(&mut self, number: u8) {
        self.network.hubs.stop(number);
        self.start_hub(number);
    }

    /// The power of a carrier's device may have gone away in the middle of its work.
    pub(crate) fn look_whether_it_stopped(&self, number: u8) {
        if self.phones[usize::from(number)].folder.has_stopped() {
            self.network.hubs.die(number, true);
        }
    }

    fn visit(&mut self, visit: &Visit) -> Result<String, String> {
        let Visit { hub, sync, forwards, dies } = visit;
        let Some(host) = self.phones.get(usize::from(*hub)) else { return Ok(String::new()) };
        host.folder.stop_after(dies.map(|dies| u32::from(dies) + 1));
        let waiting = waiting(host);
        self.network.plan(&sync.faults);
        let who = self.who(sync);
        let visitors = who.into_iter().filter(|phone| phone != hub);
        let mut tasks: Vec<Task> = visitors.map(|phone| self.visit_of(phone, *hub)).collect();
        tasks.extend(forwards.then(|| self.forward_of(*hub)));
        self.waiting = waiting;
        let said = self.together(sync, tasks);
        self.phones[usize::from(*hub)].folder.stop_after(None);
        self.remember_parcels().map_err(|error| error.to_string())?;
        said
    }

    fn visit_of(&self, number: u8, hub: u8) -> Task {
        let (phone, host) = (&self.phones[usize::from(number)], &self.phones[usize::from(hub)]);
        let (client, device) = (client(number, &self.network), phone.device.clone());
        let code = HubAddress {
            addresses: vec![address_of(hub)],
            device: self.id_of(usize::from(hub)),
            fingerprint: seal::sha256(&host.public_key().to_bytes()),
        };
        let doing = Box::pin(async move {
            let met = client.meet_hub(&device, &code.addresses[0], Some(&code)).await;
            Ending::Visited(match met {
                Ok(contact) => contact.exchange(&device).await,
                Err(error) => Err(error),
            })
        });
        Task { phone: Some(number), doing }
    }

    /// One round of passing on, as `hub::run_forwarding` does it.
    pub(crate) fn forward_of(&self, hub: u8) -> Task {
        let phone = &self.phones[usize::from(hub)];
        let (store, device) = (Arc::clone(&phone.store), phone.device.clone());
        let way = Way { phone: hub, network: Arc::clone(&self.network) };
        let doing = Box::pin(async move {
            let known = device.with(|device| (Destination::of(device), device.now().wall_ms));
            let (Some(to), now_ms) = known.await else {
                return Ending::Forwarded(Ok(Forwarded::default()));
            };
            let transport: &dyn Transport = &way;
            let done = hub::forward(&store, transport, &to, now_ms).await;
            Ending::Forwarded(done.and_then(|done| store.sweep(now_ms).map(|()| done)))
        });
        Task { phone: Some(hub), doing }
    }

    pub(crate) fn visited(
        &mut self,
        number: u8,
        visited: Result<HubReport, HubError>,
    ) -> Result<String, String> {
        match visited {
            Ok(report) => {
                self.brought_back += report.receipted;
                Ok(format!("{number}: {report:?}"))
            }
            Err(HubError::Device(why)) if !self.phones[usize::from(number)].disk_full => {
                Err(format!("device {number}: its storage failed on a visit: {why}"))
            }
            Err(error) => Ok(format!("{number}: {error}")),
        }
    }

    pub(crate) fn forwarded(
        &mut self,
        number: u8,
        forwarded: Result<Forwarded, CarryError>,
    ) -> Result<String, String> {
        self.check_order(number)?;
        match forwarded {
            Ok(done) => Ok(format!("{number}: {done:?}")),
            Err(CarryError::Io(why)) if !self.phones[usize::from(number)].folder.has_stopped() => {
                Err(format!("device {number}: its folder failed: {why}"))
            }
            Err(error) => Ok(format!("{number} passes nothing on: {error}")),
        }
    }

    fn rob(&mut self, number: u8, file: Option<u8>, restart: bool) -> Result<String, String> {
        let Some(phone) = self.phones.get(usize::from(number)) else { return Ok(String::new()) };
        let gone = phone.folder.rob(file.map(usize::from));
        self.robbed += u64::from(!gone.is_empty());
        // What is taken was not lost by the carrier.
        for parcel in gone.iter().filter_map(|name| Hash::from_hex(name.split('.').next()?)) {
            self.promised.remove(&(number, parcel));
        }
        if restart {
            self.crash_phone(number, false)?;
        }
        Ok(format!("{} files are gone", gone.len()))
    }

    fn carry_out(&mut self, number: u8, own: bool) -> Result<String, String> {
        let Some(phone) = self.phones.get(usize::from(number)) else { return Ok(String::new()) };
        let written = finish(write_carry_file(&phone.device, &phone.store, own));
        self.remember_parcels().map_err(|error| error.to_string())?;
        let phone = &self.phones[usize::from(number)];
        let file = match written {
            Ok(out) => out.file,
            Err(ShellError::NothingToExport) => return Ok("it is not enrolled".to_owned()),
            Err(ShellError::Carriage(why)) => {
                let key = finish(phone.device.with(|device| device.parcel_key().ok().flatten()));
                if !phone.disk_full && key.is_some() {
                    return Err(format!("device {number} writes no file: {why}"));
                }
                return Ok(format!("no file: {why}"));
            }
            Err(why) => return Err(format!("device {number} writes no file: {why}")),
        };
        let carrier = self.id_of(number.into());
        for word in &file.words {
            self.words.insert((carrier, word.parcel));
            if !phone.folder.is_answered_for_sure(word.parcel) {
                self.promised.insert((number, word.parcel));
            }
        }
        let (parcels, answers) = (file.parcels.len(), file.answers.len());
        self.files.push(file.to_text());
        Ok(format!("a file with {parcels} parcels, {answers} answers, {} words", file.words.len()))
    }

    fn carry_in(
        &mut self,
        number: u8,
        file: usize,
        damage: Option<(Damage, u16)>,
        dies: Option<u8>,
    ) -> Result<String, String> {
        let Some(phone) = self.phones.get(usize::from(number)) else { return Ok(String::new()) };
        let nth = file % self.files.len().max(1);
        let Some(text) = self.files.iter().rev().nth(nth) else { return Ok(String::new()) };
        let text = damage.map_or_else(|| text.clone(), |(how, at)| damaged(text, how, at.into()));
        phone.folder.stop_after(dies.map(|dies| u32::from(dies) + 1));
        let taken = finish(take_carry_file(&phone.device, &phone.store, text));
        let (stopped, disk_full) = (phone.folder.has_stopped(), phone.disk_full);
        phone.folder.stop_after(None);
        if stopped {
            self.crash_phone(number, true)?;
            return Ok("it died".to_owned());
        }
        match taken {
            Ok(taken) => {
                self.brought_back += taken.receipted;
                Ok(format!("{taken:?}"))
            }
            Err(why) if why.code == ErrorCode::Broken && !disk_full => {
                Err(format!("device {number} does not take a file: {}", why.message))
            }
            Err(why)
                if damage.is_none()
                    && [ErrorCode::NotACarryFile, ErrorCode::OtherServer].contains(&why.code) =>
            {
                Err(format!("device {number} does not know a file: {}", why.message))
            }
            Err(why) => Ok(format!("not taken: {}", why.message)),
        }
    }

    /// Keeps what is in the parcels that devices sealed.
    pub(crate) fn remember_parcels(&mut self) -> rusqlite::Result<()> {
        for phone in &self.phones {
            let mut query = phone.seen.prepare_cached("SELECT name FROM parcel ORDER BY name")?;
            let names = query.query_map([], |row| Ok(Hash(row.get(0)?)))?;
            for name in names {
                let name = name?;
                if let Entry::Vacant(unknown) = self.parcels.entry(name) {
                    unknown.insert(events_in(&phone.seen, name)?);
                }
            }
        }
        Ok(())
    }
}

/// Lists the events of a parcel, in their order.
pub(crate) fn events_in(db: &rusqlite::Connection, parcel: Hash) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut query = db.prepare_cached(
        "SELECT bytes FROM parcel_event JOIN event USING (seq) WHERE parcel = ?1 ORDER BY place",
    )?;
    let rows = query.query_map([parcel.0], |row| row.get(0))?;
    rows.collect()
}

/// Lists what waits for a first try, in the order in which it came.
fn waiting(host: &super::phone::Phone) -> Vec<Waiting> {
    let mut waiting: Vec<Waiting> = host
        .folder
        .parcels()
        .into_iter()
        .filter(|kept| !kept.answered && seal::sha256(&kept.bytes) == kept.parcel)
        .filter_map(|kept| {
            let known = host.store.find(kept.parcel)?;
            let first = known.standing == hub::Standing::Waiting;
            let device = known.header?.device;
            first.then_some(Waiting { parcel: kept.parcel, device, number: kept.number })
        })
        .collect();
    waiting.sort_by_key(|waiting| waiting.number);
    waiting
}

fn damaged(text: &str, how: Damage, at: usize) -> String {
    match how {
        Damage::Flip => {
            let mut bytes = text.as_bytes().to_vec();
            let place = at * 31 % bytes.len().max(1);
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << (at % 6);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Damage::Cut => text.chars().take(at * 31 % text.len().max(1)).collect(),
        Damage::Line => {
            let count = text.lines().count().max(1);
            let kept = text.lines().enumerate().filter(|(line, _)| *line != at % count);
            kept.map(|(_, line)| format!("{line}\n")).collect()
        }
        Damage::Order => {
            let mut lines: Vec<&str> = text.lines().collect();
            if let Some(rest) = lines.get_mut(1..) {
                rest.reverse();
            }
            lines.iter().map(|line| format!("{line}\n")).collect()
        }
    }
}
