//! The morning before every history: a server, and devices that are enrolled and have their rosters.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use attendance::Role;
use hub::CarryLimits;
use seal::{Signer as _, SoftwareKey};
use server::{
    Entropy, Grant, Rate, Server, ServerClock, ServerConfig, Storage, Surroundings, Tasks,
};
use sync_client::SyncClient;
use tempfile::TempDir;
use tlog::VerifierKey;

use super::hands::{Begun, Disk, finish};
use super::network::{ADDRESS, Network, Way};
use super::phone::{Around, Phone};
use crate::district;
use crate::town::{chess_teacher, grant, the_district};

/// What every history begins with. Each runs on a copy.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) dir: TempDir,
    pub(crate) card_key: SoftwareKey,
    pub(crate) log_key: VerifierKey,
}

/// Seven on the first morning, and an hour.
pub(crate) const BEGIN_MS: i64 = district::FIRST_MORNING_MS + 3_600_000;
/// How many devices there are at the beginning.
pub(crate) const PHONES: u8 = 6;

/// Whose device it is at the beginning, by its number.
pub(crate) fn grant_of(number: u8) -> Grant {
    let family = |children: [u8; 2]| Grant {
        children: children.map(district::child).to_vec(),
        ..grant(Role::Parent, "Family")
    };
    match number {
        2 => Grant {
            provider: Some(district::JUDO_CLUB),
            groups: vec![district::JUDO],
            ..grant(Role::Teacher, "Judo tablet")
        },
        3 => family([1, 2]),
        4 => family([3, 4]),
        5 => grant(Role::Coordinator, "Coordinator"),
        _ => chess_teacher(),
    }
}

/// The seed of a device's key.
pub(crate) fn key_seed(number: u8) -> u8 {
    100 + number
}

/// Decides all that a server would take from the system.
pub(crate) fn surroundings(
    hand: &Arc<AtomicI64>,
    entropy: &Entropy,
    disk: &Arc<Disk>,
    begun: &Arc<Begun>,
) -> Surroundings {
    Surroundings {
        clock: ServerClock::hand(Arc::clone(hand)),
        entropy: entropy.clone(),
        storage: Storage::Inline(Arc::<Disk>::clone(disk)),
        tasks: Tasks::Handed(Arc::<Begun>::clone(begun)),
    }
}

/// The limits of the world's servers. Days go by in a history without a moment for anybody's bucket to
/// fill again: how often somebody asks is not counted here.
pub(crate) fn limits() -> ServerConfig {
    let device_rate = Rate { burst: 1_000_000, per_minute: 1_000_000 };
    ServerConfig { device_rate, ..ServerConfig::default() }
}

impl Template {
    /// Sets everything up, in memory where the machine has such a place.
    pub(crate) fn make() -> Self {
        let dir = new_dir();
        let (hand, entropy) = (Arc::new(AtomicI64::new(BEGIN_MS)), Entropy::seeded([77; 32]));
        let (disk, begun) = (Arc::<Disk>::default(), Arc::<Begun>::default());
        let around = surroundings(&hand, &entropy, &disk, &begun);
        let data = dir.path().join("server");
        let keys = finish(server::init_in(&data, &the_district(), &around)).expect("a new server");
        let card_key = server::read_key(&keys.card).expect("the card key");
        let server = finish(Server::open_in(&data, around, limits())).expect("the server opens");
        let cards = (1..=4).map(|child| crate::issue(child, &card_key).bytes);
        finish(server.log_cards(&cards.collect::<Vec<_>>())).expect("the cards are logged");
        let network = Arc::new(Network::new(disk, false));
        network.start(Arc::clone(&server), begun);
        for number in 0..PHONES {
            let home = phone_dir(dir.path(), number);
            let around = Around { limits: CarryLimits::default(), seed: 0 };
            let phone = Phone::switch_on(&home, number, key_seed(number), &hand, around);
            let phone = phone.expect("a new device");
            let client = client(number, &network);
            let grant = grant_of(number);
            let ticket = server.make_ticket(&grant, ADDRESS, 600_000);
            let ticket = finish(ticket).expect("a ticket").to_text();
            finish(client.enrol(&phone.device, &ticket)).expect("it is enrolled");
            finish(client.sync(&phone.device)).expect("it syncs");
        }
        let log_key = server.log_key();
        assert_eq!(log_key.key, server::log_key(&data, district::ORIGIN).expect("a key").key);
        drop((network, server));
        Self { dir, card_key, log_key }
    }

    /// Issues a card with a key that nobody trusts.
    pub(crate) fn foreign_card(child: u8) -> String {
        let key = SoftwareKey::from_seed(&[251; 32]);
        assert_ne!(key.public_key().to_bytes(), [0; 32]);
        crate::issue(child, &key).text
    }
}

pub(crate) fn client(number: u8, network: &Arc<Network>) -> SyncClient {
    SyncClient::over(Arc::new(Way { phone: number, network: Arc::clone(network) }))
}

pub(crate) fn phone_dir(world: &Path, number: u8) -> std::path::PathBuf {
    world.join(format!("phone-{number}"))
}

/// A new directory, in memory where the machine has such a place: no history waits for a disk.
pub(crate) fn new_dir() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::Builder::new().prefix("qatysu-").tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a temporary directory")
}
