//! What several do at the same time: syncs, visits to a hub, what a hub passes on, the ledger. One seeded
//! order decides whose turn it is, and who dies in between.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use hub::{CarryError, Forwarded};
use server::Server;
use sync_client::{HubError, HubReport, SyncError, SyncReport};

use super::chance::Chance;
use super::hands::{POLLS_MAX, finish, poll};
use super::network::ADDRESS;
use super::step::{Step, Sync};
use super::template::{client, grant_of};
use super::world::World;

/// How a task ended.
pub(crate) enum Ending {
    Synced(Result<SyncReport, SyncError>),
    Visited(Result<HubReport, HubError>),
    Forwarded(Result<Forwarded, CarryError>),
    Worked,
}

type Doing = Pin<Box<dyn Future<Output = Ending>>>;

/// What somebody does beside others.
pub(crate) struct Task {
    /// Whose device it is; the server's, if nobody's.
    pub(crate) phone: Option<u8>,
    pub(crate) doing: Doing,
}

impl World {
    /// Gives every device that is not enrolled a ticket that is good now.
    fn hand_out_tickets(&mut self, who: &[u8]) -> Result<(), String> {
        let Some(server) = self.network.any() else { return Ok(()) };
        for number in who {
            let Some(phone) = self.phones.get_mut(usize::from(*number)) else { continue };
            if finish(phone.device.with(|device| device.enrolment().is_some())) {
                phone.ticket = None;
            } else {
                let grant = grant_of(*number);
                let ticket = server.make_ticket(&grant, ADDRESS, 600_000);
                phone.ticket = Some(finish(ticket).map_err(|error| error.to_string())?.to_text());
            }
        }
        Ok(())
    }

    pub(crate) fn sync(&mut self, sync: &Sync) -> Result<String, String> {
        let who = self.who(sync);
        self.hand_out_tickets(&who)?;
        self.network.plan(&sync.faults);
        let tasks = who.iter().map(|number| self.sync_of(*number)).collect();
        self.together(sync, tasks)
    }

    /// Lists whose turn it may be, each once.
    pub(crate) fn who(&self, sync: &Sync) -> Vec<u8> {
        let who: BTreeSet<u8> = sync.phones.iter().copied().collect();
        who.into_iter().filter(|phone| usize::from(*phone) < self.phones.len()).collect()
    }

    /// Does all of it at the same time, until each has ended or died.
    pub(crate) fn together(&mut self, sync: &Sync, tasks: Vec<Task>) -> Result<String, String> {
        let mut tasks: Vec<Option<Task>> = tasks.into_iter().map(Some).collect();
        let mut order = Chance::new(sync.order);
        let mut said = Vec::new();
        let mut fallen = None;
        for polls in 0.. {
            if polls > POLLS_MAX {
                return Err("a sync waits for ever".to_owned());
            }
            if let Some((at, step)) = &sync.meanwhile
                && u32::from(*at) == polls
            {
                if **step == Step::Ledger {
                    tasks.extend(self.network.any().map(|server| Some(work_of(server))));
                } else {
                    said.push(self.at_a_screen(step)?);
                }
            }
            let waiting: Vec<usize> =
                (0..tasks.len()).filter(|task| tasks[*task].is_some()).collect();
            if waiting.is_empty() {
                break;
            }
            let turn = order.pick(&waiting);
            let Some(task) = &mut tasks[turn] else { continue };
            match task.phone {
                // A server that died does nothing any more.
                None if self.network.has_dead() => {
                    tasks[turn] = None;
                    continue;
                }
                // Nobody else may be left who polls what it waits for.
                None => self.network.go_on(),
                // Nor does a device whose hub died: it is the same program.
                Some(phone) if fallen == Some(phone) || self.network.hubs.has_died(phone) => {
                    tasks[turn] = None;
                    continue;
                }
                Some(_) => {}
            }
            let phone = task.phone;
            match poll(task.doing.as_mut()) {
                Poll::Ready(ending) => {
                    tasks[turn] = None;
                    said.push(self.ended(phone, ending)?);
                }
                Poll::Pending => {
                    if let Some((dies, at)) = &sync.crash
                        && phone == Some(*dies)
                        && polls >= u32::from(*at)
                    {
                        self.network.hubs.stop(*dies);
                        fallen = phone;
                        tasks[turn] = None;
                    }
                }
            }
            if let Some(phone) = phone {
                self.look_whether_it_stopped(phone);
            }
        }
        drop(tasks);
        self.who_heard();
        self.network.plan(&[]);
        if let Some(number) = fallen {
            said.push(format!("{number} died"));
            let torn = sync.order.is_multiple_of(2);
            self.crash_phone(number, torn)?;
        }
        for (number, torn) in self.network.hubs.take_dead() {
            said.push(format!("hub {number} died"));
            if fallen != Some(number) {
                self.crash_phone(number, torn)?;
            }
        }
        Ok(said.join("; "))
    }

    /// Whoever has heard what the server has of its chain never forks it from now on.
    fn who_heard(&mut self) {
        for number in 0..self.phones.len() {
            let by = u8::try_from(number).unwrap_or_default();
            let heard = self.network.has_heard(by);
            let deceived = self.network.was_deceived(by);
            let id = self.id_of(number);
            let phone = &mut self.phones[number];
            phone.blind &= !heard;
            if phone.blind && deceived {
                self.copied.insert(id);
            }
        }
    }

    pub(crate) fn sync_of(&self, number: u8) -> Task {
        let phone = &self.phones[usize::from(number)];
        let (client, device) = (client(number, &self.network), phone.device.clone());
        let ticket = phone.ticket.clone();
        let doing = Box::pin(async move {
            if let Some(ticket) = ticket
                && let Err(error) = client.enrol(&device, &ticket).await
            {
                return Ending::Synced(Err(error));
            }
            Ending::Synced(client.sync(&device).await)
        });
        Task { phone: Some(number), doing }
    }

    pub(crate) fn end_of(&mut self, number: u8, ending: Ending) -> Result<String, String> {
        self.ended(Some(number), ending)
    }

    fn ended(&mut self, number: Option<u8>, ending: Ending) -> Result<String, String> {
        let Some(number) = number else { return Ok("the ledger is done".to_owned()) };
        let disk_full = self.phones[usize::from(number)].disk_full;
        match ending {
            Ending::Synced(Ok(report)) => {
                let lost = self.network.unanswered(number);
                if let Some(call) = lost.first() {
                    return Err(format!(
                        "device {number} said that it synced, and was never answered on {}",
                        call.url
                    ));
                }
                Ok(format!("{number}: {report:?}"))
            }
            Ending::Synced(Err(SyncError::Device(why))) if !disk_full => {
                Err(format!("device {number}: its storage failed in a sync: {why}"))
            }
            Ending::Synced(Err(error)) => Ok(format!("{number}: {error}")),
            Ending::Visited(visited) => self.visited(number, visited),
            Ending::Forwarded(forwarded) => self.forwarded(number, forwarded),
            Ending::Worked => Ok("the ledger is done".to_owned()),
        }
    }

    /// Everybody syncs. Gives who did not finish, and why.
    pub(crate) fn everybody_syncs(&mut self) -> Result<Vec<(u8, String)>, String> {
        let mut unfinished = Vec::new();
        for number in 0..self.phones.len() {
            let number = u8::try_from(number).unwrap_or_default();
            self.hand_out_tickets(&[number])?;
            self.network.plan(&[]);
            let ending = finish(self.sync_of(number).doing);
            if let Ending::Synced(Err(error)) = &ending {
                unfinished.push((number, error.to_string()));
            }
            let said = self.ended(Some(number), ending)?;
            self.network.tell(&said, &[]);
            self.who_heard();
        }
        self.work()?;
        Ok(unfinished)
    }
}

/// The ledger and the tags, as a task beside others. That two servers get into each other's way is no
/// harm: the next run goes on.
pub(crate) fn work_of(server: Arc<Server>) -> Task {
    let doing = Box::pin(async move {
        drop(server.close_due_months().await);
        drop(server.tag_leaves().await);
        Ending::Worked
    });
    Task { phone: None, doing }
}
