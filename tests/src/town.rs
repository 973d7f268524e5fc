//! A town: one district, its server, its devices, one clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use attendance::{ChildId, Role, SignedTrustList, TrustEntry, TrustRole, TrustRoots};
use ipc::{MonthState, MonthView};
use rusqlite::Connection;
use seal::{Hash, Signer as _, SoftwareKey};
use server::{District, Grant, Person, Server, ServerClock, ServerConfig};
use shell_core::ShellClock;
use sync_api::{EnrolResponse, Ticket};
use tempfile::TempDir;
use tlog::{Checkpoint, NodeId, SignedNote};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::district;
use crate::pen::Pen;
use crate::phone::Phone;
use crate::wire::Wire;

const TICKET_LIFE_MS: i64 = 600_000;
/// The seed of the device that carries batches for tests.
const CARRIER_SEED: u8 = 250;

/// Everything of a test, in one temporary directory.
#[derive(Debug)]
pub struct Town {
    dir: TempDir,
    hand: Arc<AtomicI64>,
    phones: AtomicUsize,
    card_key: SoftwareKey,
    listen: SocketAddr,
    config: ServerConfig,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    server: Arc<Server>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Town {
    /// Sets a server up on a free port and starts it, on the first morning.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn found() -> Self {
        Self::found_for(&the_district()).await
    }

    /// The same, for another district.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn found_for(district: &District) -> Self {
        Self::found_as(district, ServerConfig::default()).await
    }

    /// Sets a server up like [`Town::found`], with other limits than the usual ones.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn found_with(config: ServerConfig) -> Self {
        Self::found_as(&the_district(), config).await
    }

    async fn found_as(district: &District, config: ServerConfig) -> Self {
        let dir = tempfile::tempdir().expect("temporary files");
        let hand = Arc::new(AtomicI64::new(district::FIRST_MORNING_MS + 3_600_000));
        let keys = server::init(&dir.path().join("server"), district, clock(&hand)).await;
        let card_key = server::read_key(&keys.expect("a new server").card).expect("the card key");
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let phones = AtomicUsize::new(0);
        let mut town = Self { dir, hand, phones, card_key, listen, config, running: None };
        town.start_server().await;
        town
    }

    /// Starts the server, at the same address as before.
    ///
    /// # Panics
    /// If it runs, or does not start.
    pub async fn start_server(&mut self) {
        assert!(self.running.is_none(), "the server runs");
        let (clock, config) = (clock(&self.hand), self.config.clone());
        let server = Server::open_with(&self.server_dir(), clock, config).await;
        let server = server.expect("the server opens");
        let listener = TcpListener::bind(self.listen).await.expect("the port is free");
        self.listen = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel();
        let serving = server::serve(listener, Arc::clone(&server), async {
            drop(stopped.await);
        });
        let task = tokio::spawn(serving);
        self.running = Some(Running { server, stop, task });
    }

    /// Stops the server. Devices find nobody at its address.
    ///
    /// # Panics
    /// If it does not run.
    pub async fn stop_server(&mut self) {
        let Running { server, stop, task } = self.running.take().expect("the server runs");
        stop.send(()).expect("the server listens to the signal");
        task.await.expect("the server does not panic").expect("the server ends well");
        drop(server);
    }

    /// Copies the server's files, as a backup does, while it does not run.
    ///
    /// # Panics
    /// If it does not run, or the files cannot be copied.
    pub async fn keep_backup(&mut self) {
        self.stop_server().await;
        self.files_settled().await;
        copy_dir(&self.server_dir(), &self.dir.path().join("backup"));
        self.start_server().await;
    }

    /// Puts the backup in the place of the server's files: it goes on from there.
    ///
    /// # Panics
    /// If there is none, or the server does not run.
    pub async fn restore_backup(&mut self) {
        self.stop_server().await;
        self.files_settled().await;
        std::fs::remove_dir_all(self.server_dir()).expect("the server's files are there");
        copy_dir(&self.dir.path().join("backup"), &self.server_dir());
        self.start_server().await;
    }

    /// Waits until the stopped server's database is one file: its thread closes it on its own time.
    pub async fn files_settled(&self) {
        for _ in 0..100 {
            if !self.server_dir().join("server.db-wal").exists() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the stopped server does not close its database");
    }

    /// Waits until a device that was switched off has its database in one file: the last handle of it
    /// closes on a thread of its own.
    ///
    /// # Panics
    /// If it is still open after a while.
    pub async fn device_settled(&self, dir: &Path) {
        for _ in 0..500 {
            if !dir.join("device.db-wal").exists() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the device's file is not closed");
    }

    /// Lets the roots sign a newer trust list that asks for some of these witnesses, each called
    /// `witness.example/` and its seed, and starts the server with it.
    ///
    /// # Panics
    /// If the issuer's files are not there, or the server does not run.
    pub async fn name_witnesses(&mut self, quorum: u16, seeds: &[u8]) {
        self.stop_server().await;
        let file = self.server_dir().join("trust.list");
        let old = SignedTrustList::parse(&std::fs::read(&file).expect("the trust list"));
        let roots = std::fs::read(self.server_dir().join("trust.roots")).expect("the root keys");
        let roots = TrustRoots::parse(&roots).expect("the root keys");
        let mut list = old.and_then(|old| old.verify(&roots, 0)).expect("a good list");
        list.version += 1;
        list.witness_quorum = Some(quorum);
        let bounds = (list.entries[0].not_before_s, list.entries[0].not_after_s);
        list.entries.extend(seeds.iter().map(|seed| TrustEntry {
            key: crate::key(*seed).public_key().to_bytes(),
            role: TrustRole::Witness,
            scope: format!("witness.example/{seed}"),
            not_before_s: bounds.0,
            not_after_s: bounds.1,
        }));
        let root = |n| self.server_dir().join(format!("issuer/root-{n}.key"));
        let keys = [1, 3].map(|n| server::read_key(&root(n)).expect("a root key"));
        let signed = list.sign(&[&keys[0], &keys[1]]).expect("software keys sign");
        std::fs::write(file, signed).expect("the list is written");
        self.start_server().await;
    }

    /// Adds the cosignatures of witnesses to the server's newest checkpoint, beside the server.
    ///
    /// # Panics
    /// If the database does not take it.
    pub fn cosign(&self, seeds: &[u8]) {
        const NEWEST: &str = "WHERE tree_size = (SELECT max(tree_size) FROM checkpoint)";
        let database = self.database();
        let newest = format!("SELECT note FROM checkpoint {NEWEST}");
        let note: String = database.query_row(&newest, [], |row| row.get(0)).expect("a checkpoint");
        let mut note = SignedNote::parse(&note).expect("a note");
        let now_s = (district::FIRST_MORNING_MS / 1_000).cast_unsigned();
        for seed in seeds {
            let name = format!("witness.example/{seed}");
            let line = tlog::cosign(&note, &name, &crate::key(*seed), now_s).expect("it signs");
            note.add(line).expect("there is room");
        }
        // Whether and how a server collects them is another matter: a note only gets more lines.
        database.execute_batch("DROP TRIGGER checkpoint_no_update").unwrap_or_default();
        let put = format!("UPDATE checkpoint SET note = ?1 {NEWEST}");
        database.execute(&put, [note.to_string()]).expect("the note is put");
    }

    /// Where the server answers.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// Where the server's datagram door is: the port of HTTP, over UDP.
    #[must_use]
    pub fn datagram_door(&self) -> SocketAddr {
        self.listen
    }

    /// Speaks raw HTTP to the server.
    #[must_use]
    pub fn wire(&self) -> Wire {
        Wire::to(&self.address())
    }

    /// Gives the running server.
    ///
    /// # Panics
    /// If it does not run.
    #[must_use]
    pub fn server(&self) -> &Arc<Server> {
        &self.running.as_ref().expect("the server runs").server
    }

    /// Takes a month's bundle out of the server, so many leaves at a time. Gives it, and how many pieces it
    /// came in.
    ///
    /// # Panics
    /// Panics if the month is not closed.
    pub async fn bundle(&self, month: &str, at_once: u64) -> (Vec<u8>, usize) {
        let month = month.parse().expect("a month");
        let server = Arc::clone(self.server());
        let mut pieces = server.bundle(month, at_once).await.expect("a closed month");
        let (mut bundle, mut count) = (Vec::new(), 0);
        while let Some(piece) = pieces.next().await {
            bundle.extend(piece.expect("the log can be read"));
            count += 1;
        }
        (bundle, count)
    }

    /// The server's disk is lost: it stops, and all its files are gone. Gives where the operator kept
    /// a copy of keys and trust files.
    ///
    /// # Panics
    /// If the server does not run, or the files cannot be moved.
    pub async fn lose_disk(&mut self) -> PathBuf {
        self.stop_server().await;
        let (data, safe) = (self.server_dir(), self.dir.path().join("safe"));
        copy_dir(&data.join("keys"), &safe.join("keys"));
        for name in ["trust.list", "trust.roots"] {
            std::fs::copy(data.join(name), safe.join(name)).expect("a copy");
        }
        std::fs::remove_dir_all(&data).expect("the disk is gone");
        safe
    }

    /// Publishes the log as static files, as it is now. Gives the directory.
    ///
    /// # Panics
    /// If it cannot be written.
    pub async fn publish(&self) -> PathBuf {
        let dir = self.dir.path().join("published");
        let note = self.wire().get("checkpoint", None).await.text();
        let text = SignedNote::parse(&note).expect("a note");
        let size = Checkpoint::parse(text.unverified_text()).expect("a checkpoint").size;
        let nodes = self.nodes();
        for tile in tlog::tiles_of(size) {
            let path = dir.join(tile.to_string());
            std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
            std::fs::write(path, tlog::tile_bytes(tile, &nodes).expect("all nodes"))
                .expect("a tile");
        }
        std::fs::write(dir.join("checkpoint"), note).expect("the checkpoint is written");
        dir
    }

    /// Reads the stored tree.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn nodes(&self) -> BTreeMap<NodeId, Hash> {
        let database = self.database();
        let mut query =
            database.prepare("SELECT level, node_index, hash FROM node").expect("nodes");
        let rows = query.query_map([], |row| {
            let index: i64 = row.get(1)?;
            let index = u64::try_from(index).expect("from 0");
            Ok((NodeId { level: row.get(0)?, index }, Hash(row.get(2)?)))
        });
        rows.expect("nodes").collect::<Result<_, _>>().expect("nodes")
    }

    /// Where the server's files are.
    #[must_use]
    pub fn server_dir(&self) -> PathBuf {
        self.dir.path().join("server")
    }

    /// Opens the server's database beside it, to look and to try what must not be possible.
    ///
    /// # Panics
    /// If it does not open.
    #[must_use]
    pub fn database(&self) -> Connection {
        Connection::open(self.server_dir().join("server.db")).expect("the server's database")
    }

    /// Counts rows of the server's database.
    ///
    /// # Panics
    /// If there is no such table or column.
    #[must_use]
    pub fn count(&self, from_where: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from_where}");
        self.database().query_row(&sql, [], |row| row.get(0)).expect("a count")
    }

    /// Moves the hand of the clock that the server and the devices look at.
    pub fn set_clock(&self, at_ms: i64) {
        self.hand.store(at_ms, Ordering::Relaxed);
    }

    /// Issues the card of a child with the district's card key.
    #[must_use]
    pub fn card(&self, child: u8) -> String {
        crate::issue(child, &self.card_key).text
    }

    /// Gives the district's card key.
    #[must_use]
    pub fn card_key(&self) -> &SoftwareKey {
        &self.card_key
    }

    /// Makes a ticket that shows `address` to the device.
    ///
    /// # Panics
    /// If the server does not make one.
    pub async fn ticket(&self, grant: &Grant, address: &str) -> Ticket {
        let ticket = self.server().make_ticket(grant, address, TICKET_LIFE_MS).await;
        ticket.expect("a ticket")
    }

    /// A new device, switched on, not enrolled.
    #[must_use]
    pub fn new_phone(&self) -> Phone {
        let number = self.phones.fetch_add(1, Ordering::Relaxed);
        self.switch_on(&self.dir.path().join(format!("phone-{number}")))
    }

    /// Switches on the device of a directory, with the town's clock.
    #[must_use]
    pub fn switch_on(&self, dir: &Path) -> Phone {
        Phone::switch_on(dir, ShellClock::hand(Arc::clone(&self.hand)))
    }

    /// Copies the device's files, as a backup or a thief would, and switches the copy on.
    ///
    /// # Panics
    /// If the files cannot be copied.
    #[must_use]
    pub fn clone_phone(&self, phone: &Phone) -> Phone {
        let number = self.phones.fetch_add(1, Ordering::Relaxed);
        let dir = self.dir.path().join(format!("phone-{number}"));
        copy_dir(&phone.dir, &dir);
        self.switch_on(&dir)
    }

    /// Enrols a new device through `address`, and lets it fetch its roster.
    ///
    /// # Panics
    /// If it is not enrolled.
    pub async fn enrol(&self, grant: &Grant, address: &str) -> Phone {
        let phone = self.new_phone();
        let ticket = self.ticket(grant, address).await.to_text();
        phone.shell.enrol(&ticket).await.expect("the device is enrolled");
        phone.sync().await.done();
        phone
    }

    /// The chess teacher's tablet.
    pub async fn teacher(&self) -> Phone {
        self.enrol(&chess_teacher(), &self.address()).await
    }

    /// The phone of the family of these children.
    pub async fn parent(&self, children: &[u8]) -> Phone {
        let children = children.iter().map(|number| district::child(*number)).collect();
        self.enrol(&Grant { children, ..grant(Role::Parent, "Family") }, &self.address()).await
    }

    /// The phone of the family of a child of any district.
    pub async fn parent_of(&self, child: ChildId) -> Phone {
        let children = vec![child];
        self.enrol(&Grant { children, ..grant(Role::Parent, "Family") }, &self.address()).await
    }

    /// Speaks raw HTTP as an enrolled device that carries others' batches.
    ///
    /// # Panics
    /// If the server does not enrol it.
    pub async fn carrier(&self) -> Wire {
        let (pen, wire) = (Pen::new(CARRIER_SEED), self.wire());
        let ticket = self.ticket(&grant(Role::Coordinator, "Carrier"), &self.address()).await;
        let _enrolled: EnrolResponse = wire.post("enrol", &pen.enrol(&ticket)).await.fine();
        let hello = wire.hello(&pen.hello(district::FIRST_MORNING_MS)).await;
        wire.carrying_with(hello.token)
    }

    /// The coordinator's laptop.
    pub async fn coordinator(&self) -> Phone {
        self.enrol(&grant(Role::Coordinator, "Coordinator"), &self.address()).await
    }

    /// Syncs the coordinator's device until the month stands as wanted.
    ///
    /// # Panics
    /// If it does not, within ten seconds.
    pub async fn until(&self, coordinator: &Phone, wanted: MonthState) -> MonthView {
        for _ in 0..100 {
            coordinator.sync().await.done();
            let months = coordinator.board().await.months;
            let month = months.into_iter().find(|month| month.month == district::MONTH);
            let month = month.expect("the month is on the board");
            if month.state == wanted {
                return month;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("the server did not bring the month to {wanted:?}");
    }
}

/// What a ticket of the chess house's tablet grants.
#[must_use]
pub fn chess_teacher() -> Grant {
    Grant {
        provider: Some(district::CHESS_HOUSE),
        groups: vec![district::CHESS],
        ..grant(Role::Teacher, "Chess tablet")
    }
}

/// What a ticket grants that names nobody's children or groups.
#[must_use]
pub fn grant(role: Role, name: &str) -> Grant {
    let children: Vec<ChildId> = Vec::new();
    Grant { role, provider: None, groups: Vec::new(), children, name: name.to_owned() }
}

fn clock(hand: &Arc<AtomicI64>) -> ServerClock {
    ServerClock::hand(Arc::clone(hand))
}

/// The district's file: what the server was set up with.
#[must_use]
pub fn the_district() -> District {
    let people = (1..).zip(district::NAMES).map(|(number, name)| Person {
        child: district::child(number),
        name: name.to_owned(),
        card: district::card(number),
    });
    District {
        origin: district::ORIGIN.to_owned(),
        snapshot: district::snapshot(),
        people: people.collect(),
    }
}

/// Copies a directory with all that is in it.
///
/// # Panics
/// If a file cannot be read or written.
pub fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a new directory");
    for entry in from.read_dir().expect("a directory") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_dir(&source, &target);
        } else {
            std::fs::copy(&source, &target).expect("a file is copied");
        }
    }
}
