//! A district: who pays whom for which children; and the first start of its server.

use std::path::{Path, PathBuf};

use attendance::{CardId, ChildId, LeafKind, TrustEntry, TrustList, TrustRole, TrustRoots};
use ledger::Snapshot;
use seal::{Sign1, Signer, SoftwareKey};
use serde::{Deserialize, Serialize};
use server_store::{NewLeaf, SequencedBatch, Store};
use sync_api::SNAPSHOT_DOMAIN;
use tlog::Checkpoint;

use crate::clock::ServerClock;
use crate::error::ServerError;
use crate::keys::{
    IssuerKeys, KeyFileError, STATUS_KEY, TAG_SECRET, own_salt, write_key, write_seed,
};

/// How long the keys of a new trust list are good for, in seconds: two school years.
pub(crate) const KEY_LIFE_S: i64 = 2 * 366 * 86_400;
/// How long devices take a trust list for fresh, in seconds.
pub(crate) const LIST_LIFE_S: i64 = 366 * 86_400;

/// A child's name and card, for rosters. Never in the log.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The child's programme pseudonym.
    pub child: ChildId,
    /// The name, for the teacher's and the parent's eyes.
    pub name: String,
    /// The child's current card.
    pub card: CardId,
}

/// Everything a new server must know of its district.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// The name of the log: one per issuer and year, like `log.example.kz/astana/2026`.
    pub origin: String,
    /// Providers, groups, contracts, calendar, parameters.
    pub snapshot: Snapshot,
    /// The children.
    pub people: Vec<Person>,
}

/// Why a server was not set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// There is a server already.
    #[error("{path} holds a server already: choose an empty directory")]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// The log cannot have this name.
    #[error(
        "`{origin}` cannot name a log: write it without spaces and plus signs, like log.example.kz/astana/2026"
    )]
    Origin {
        /// The name.
        origin: String,
    },
    /// A file cannot be written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key file cannot be written.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The database cannot be made.
    #[error(transparent)]
    Open(#[from] server_store::OpenError),
    /// The first leaves cannot be written.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Sets up a server in an empty directory: keys, trust list, database, the log's first leaves.
///
/// The issuer's keys are written to `issuer/` beside the server's. They do not belong on a server:
/// the caller moves them away. Gives where they are.
///
/// # Errors
/// [`InitError`], and nothing is overwritten.
pub async fn init(
    data_dir: &Path,
    district: &District,
    clock: ServerClock,
) -> Result<IssuerKeys, InitError> {
    if data_dir.join("server.db").exists() {
        return Err(InitError::Exists { path: data_dir.to_owned() });
    }
    if !Checkpoint::is_origin(&district.origin) {
        return Err(InitError::Origin { origin: district.origin.clone() });
    }
    for dir in ["keys", "issuer"] {
        let path = data_dir.join(dir);
        std::fs::create_dir_all(&path).map_err(|source| InitError::Io { path, source })?;
    }
    let key = |name: &str| write_key(&data_dir.join("keys").join(name));
    let (log, device_ca, rules) = (key("log.key")?, key("device-ca.key")?, key("rules.key")?);
    let status = key(STATUS_KEY)?;
    let tags = write_seed(&data_dir.join("keys").join(TAG_SECRET))?;
    let issuer = data_dir.join("issuer");
    let root_files: Vec<_> = (1..=3).map(|n| issuer.join(format!("root-{n}.key"))).collect();
    let roots: Vec<_> = root_files.iter().map(|path| write_key(path)).collect::<Result<_, _>>()?;
    let card_file = issuer.join("card.key");
    let card = write_key(&card_file)?;

    let now_s = clock.now_s();
    let entries = [
        (TrustRole::Log, &log),
        (TrustRole::DeviceCa, &device_ca),
        (TrustRole::Rules, &rules),
        (TrustRole::CardIssuer, &card),
        (TrustRole::Status, &status),
    ]
    .map(|(role, key)| trust_entry(role, key, &district.origin, now_s));
    let list = TrustList {
        version: 1,
        not_after_s: now_s + LIST_LIFE_S,
        entries: entries.into(),
        witness_quorum: None,
    };
    let signers: Vec<&dyn Signer> = roots.iter().take(2).map(|key| key as &dyn Signer).collect();
    let signed = list.sign(&signers).map_err(ServerError::from)?;
    let trust_roots =
        TrustRoots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
    write(&data_dir.join("trust.list"), &signed)?;
    write(&data_dir.join("trust.roots"), &trust_roots.to_bytes())?;
    write(&data_dir.join("origin"), district.origin.as_bytes())?;

    let store = Store::open_sqlite(&data_dir.join("server.db"))?;
    first_leaves(&store, district, &rules, &tags).await?;
    Ok(IssuerKeys { roots: root_files, card: card_file })
}

fn trust_entry(role: TrustRole, key: &SoftwareKey, origin: &str, now_s: i64) -> TrustEntry {
    TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: origin.to_owned(),
        not_before_s: now_s - 86_400,
        not_after_s: now_s + KEY_LIFE_S,
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), InitError> {
    std::fs::write(path, bytes).map_err(|source| InitError::Io { path: path.to_owned(), source })
}

/// Seals the snapshot: the bytes of the second leaf. The same key gives the same bytes.
pub(crate) fn snapshot_leaf(
    district: &District,
    rules: &SoftwareKey,
) -> Result<Vec<u8>, seal::SignError> {
    let json = district.snapshot.to_canonical_json().into_bytes();
    Ok(Sign1::seal(rules, SNAPSHOT_DOMAIN, json)?.to_bytes())
}

async fn first_leaves(
    store: &Store,
    district: &District,
    rules: &SoftwareKey,
    tags: &[u8; 32],
) -> Result<(), ServerError> {
    let own = |leaf_index, kind, bytes| {
        let salt = own_salt(tags, leaf_index);
        NewLeaf { kind, salt, bytes, event: None }
    };
    let genesis = own(0, LeafKind::Genesis, district.origin.as_bytes().to_vec());
    let leaves = vec![genesis, own(1, LeafKind::Snapshot, snapshot_leaf(district, rules)?)];
    store.append(0, SequencedBatch { leaves, ..SequencedBatch::default() }).await?;
    store.put_children(people(district)).await?;
    Ok(())
}

/// Gives names and cards as they are kept.
pub(crate) fn people(district: &District) -> Vec<(ChildId, String, CardId)> {
    let people = district.people.iter();
    people.map(|person| (person.child, person.name.clone(), person.card)).collect()
}
