//! Writes the audit bundle of a month of a country that nobody lives in: `make_country VOUCHERS FILE`.
//!
//! The log is the one that `cargo xtask bench-close` folds, with real keys, cards, certificates,
//! signatures, chains, tags and a signed tranche. It is written piece by piece; what is in memory is a
//! hash for each visit and a chain for each device. `cargo xtask bench-audit` runs it.
#![expect(clippy::print_stdout, reason = "it says what it wrote")]

#[path = "../../server-store/benches/close/country.rs"]
mod country;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use attendance::{
    CardClaims, CardId, ChainHead, ChildId, DeviceCertificate, DeviceId, Event, EventDraft,
    EventKind, LeafKind, Role, SubjectReader, TAG_LIST_MAX_LEAVES, TagKey, TagList, TrustEntry,
    TrustList, TrustRole, TrustRoots, VoucherId, issue_card,
};
use ledger::{LoggedEvent, Tally, TrancheBasis};
use seal::{Hash, Sign1, Signer as _, SoftwareKey};
use sync_api::{
    Base64, BundleLeaf, BundleStart, BundleTagKeys, BundleWriter, ChildTagKey, SNAPSHOT_DOMAIN,
    TRANCHE_DOMAIN,
};
use tlog::{Checkpoint, TreeEdge, leaf_hash, salted_leaf, sign_note};

use crate::country::Country;

const ORIGIN: &str = "log.example/2026";
/// 2026-01-01T00:00Z and 2027-12-31T00:00Z.
const YEAR_S: (i64, i64) = (1_767_225_600, 1_830_211_200);
const TAG_SECRET: [u8; 32] = [9; 32];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [vouchers, file] = &words[..] else { anyhow::bail!("make_country VOUCHERS FILE") };
    let vouchers: u64 = vouchers.parse().context("VOUCHERS is a number")?;
    let country = Country::new(vouchers, 2026);
    let path = Path::new(file);
    let mut scribe = Scribe::begin(path)?;
    scribe.log(&country)?;
    let leaves = scribe.finish(&country, path)?;
    println!("{file}: {leaves} leaves");
    Ok(())
}

fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

/// A device, its chain and what its certificate says.
struct Device {
    key: SoftwareKey,
    id: DeviceId,
    head: ChainHead,
    certificate: DeviceCertificate,
}

/// Writes leaves as they come.
struct Scribe {
    leaves: BufWriter<File>,
    tree: TreeEdge,
    tally: Tally,
    devices: HashMap<DeviceId, Device>,
    /// The signed event of each made-up hash.
    signed: HashMap<Hash, Hash>,
    cards: HashMap<VoucherId, Hash>,
    children: BTreeMap<ChildId, ()>,
    subjects: SubjectReader,
    /// Keys of the leaves that have no tags yet.
    open: Vec<Vec<TagKey>>,
    tagged: u64,
}

impl Scribe {
    fn begin(path: &Path) -> Result<Self> {
        let leaves = BufWriter::new(File::create(path.with_extension("leaves"))?);
        Ok(Self {
            leaves,
            tree: TreeEdge::default(),
            tally: Tally::default(),
            devices: HashMap::new(),
            signed: HashMap::new(),
            cards: HashMap::new(),
            children: BTreeMap::new(),
            subjects: SubjectReader::default(),
            open: Vec::new(),
            tagged: 0,
        })
    }

    fn log(&mut self, country: &Country) -> Result<()> {
        self.push(LeafKind::Genesis, ORIGIN.as_bytes().to_vec(), &[])?;
        let json = country.snapshot.to_canonical_json().into_bytes();
        let sealed = Sign1::seal(&key(6), SNAPSHOT_DOMAIN, json)?;
        self.push(LeafKind::Snapshot, sealed.to_bytes(), &[])?;
        for contract in &country.snapshot.contracts {
            let claims = CardClaims {
                expires_at_s: u32::try_from(YEAR_S.1)?,
                card: CardId(contract.voucher.0),
                child: contract.child,
                voucher: contract.voucher,
                status_index: 0,
                holder: None,
            };
            let card = issue_card(&key(7), &claims)?;
            self.cards.insert(contract.voucher, card.hash);
            self.push(LeafKind::Card, card.bytes, &[contract.child])?;
        }
        let mut outcome = Ok(());
        country.log(|piece| {
            for logged in piece {
                if outcome.is_ok() {
                    outcome = self.say(logged);
                }
            }
        });
        outcome?;
        let (tree_size, root) = (self.tree.size(), self.tree.root());
        let basis = TrancheBasis { origin: ORIGIN.to_owned(), tree_size, root };
        let tranche = self.tally.compute_tranche(&country.snapshot, country.month, basis)?;
        let sealed = Sign1::seal(&key(4), TRANCHE_DOMAIN, tranche.to_bytes())?;
        self.push(LeafKind::Tranche, sealed.to_bytes(), &[])?;
        self.tag()
    }

    /// Signs what the country's device says, with the hashes that signed events have.
    fn say(&mut self, logged: &LoggedEvent) -> Result<()> {
        let made_up = logged.event.device;
        let device = self.devices.entry(made_up).or_insert_with(|| Device::of(logged));
        let mut event = logged.event.clone();
        event.about = event.about.map(|about| self.signed.get(&about).copied().unwrap_or(about));
        if event.card.is_some() {
            event.card = event.voucher.and_then(|voucher| self.cards.get(&voucher).copied());
        }
        let sealed = device.head.prepare(draft(&event), device.id).seal(&device.key)?;
        device.head = sealed.next_head();
        let index = self.tree.size();
        if event.kind == EventKind::In || event.kind == EventKind::Absent {
            self.signed.insert(logged.hash, sealed.hash());
        }
        let (hash, event) = (sealed.hash(), sealed.event().clone());
        let children = self.subjects.take(hash, &event);
        let (role, provider) = (logged.role, logged.provider);
        self.tally.take(&LoggedEvent {
            index,
            hash,
            event,
            role,
            provider,
            children: logged.children.clone(),
        });
        self.push(LeafKind::Event, sealed.bytes().to_vec(), &children)
    }

    fn push(&mut self, kind: LeafKind, bytes: Vec<u8>, children: &[ChildId]) -> Result<()> {
        let mut salt = [7; 16];
        salt[..8].copy_from_slice(&self.tree.size().to_le_bytes());
        self.tree.push(leaf_hash(salted_leaf(&salt, &bytes).as_ref()));
        let leaf = BundleLeaf { kind, salt: Base64(salt.to_vec()), bytes: Base64(bytes) };
        if self.tree.size() > 1 {
            self.leaves.write_all(b",")?;
        }
        serde_json::to_writer(&mut self.leaves, &leaf)?;
        self.children.extend(children.iter().map(|child| (*child, ())));
        let keys = children.iter().map(|child| TagKey::derive(&TAG_SECRET, *child));
        self.open.push(keys.collect());
        if self.open.len() >= TAG_LIST_MAX_LEAVES { self.tag() } else { Ok(()) }
    }

    fn tag(&mut self) -> Result<()> {
        let open = std::mem::take(&mut self.open);
        let list = TagList::new(self.tagged, &TagKey::of_nobody(&TAG_SECRET), &open);
        self.tagged = list.next();
        self.push(LeafKind::Tags, list.sign(&key(4))?, &[])
    }

    /// Puts the file together: head, certificates, leaves, tag keys.
    fn finish(mut self, country: &Country, path: &Path) -> Result<u64> {
        self.leaves.flush()?;
        let size = self.tree.size();
        let root = self.tree.root();
        let note = sign_note(&Checkpoint { origin: ORIGIN.to_owned(), size, root }, &key(4))?;
        let mut out = BufWriter::new(File::create(path)?);
        let roots =
            TrustRoots { keys: [1, 2, 3].map(|seed| key(seed).public_key()).into(), threshold: 2 };
        let trust = trust_list().sign(&[&key(1), &key(2)])?;
        let certificates = self.devices.values();
        let certificates = certificates.map(|device| device.certificate.issue(&key(5)));
        let start = BundleStart {
            month: country.month.number(),
            roots: Base64(roots.to_bytes()),
            trust_list: Base64(trust),
            checkpoint: note,
            certificates: certificates.map(|one| one.map(Base64)).collect::<Result<_, _>>()?,
        };
        let writer = BundleWriter::begin(&start, &mut out)?;
        let mut leaves = self.leaves.into_inner()?;
        leaves.rewind()?;
        drop(leaves);
        let kept = path.with_extension("leaves");
        std::io::copy(&mut File::open(&kept)?, &mut out)?;
        std::fs::remove_file(kept)?;
        let child = |child: &ChildId| ChildTagKey {
            child: *child,
            key: Base64(TagKey::derive(&TAG_SECRET, *child).as_bytes().to_vec()),
        };
        let tag_keys = BundleTagKeys {
            nobody: Base64(TagKey::of_nobody(&TAG_SECRET).as_bytes().to_vec()),
            children: self.children.keys().map(child).collect(),
        };
        writer.finish(&tag_keys, &mut out)?;
        out.flush()?;
        Ok(size)
    }
}

impl Device {
    fn of(logged: &LoggedEvent) -> Self {
        let mut seed = [5; 32];
        seed[..8].copy_from_slice(&logged.event.device.0);
        let key = SoftwareKey::from_seed(&seed);
        let public = key.public_key();
        let id = DeviceId::derive_from(&public);
        let certificate = DeviceCertificate {
            version: 1,
            device: id,
            key: public.to_bytes(),
            role: logged.role,
            provider: logged.provider,
            groups: Vec::new(),
            children: logged.children.clone(),
            not_before_s: YEAR_S.0,
            not_after_s: YEAR_S.1,
            name: if logged.role == Role::Parent { "phone" } else { "tablet" }.to_owned(),
        };
        Self { head: ChainHead::genesis(&public), key, id, certificate }
    }
}

fn draft(event: &Event) -> EventDraft {
    let mut draft = EventDraft::new(event.kind, event.wall_ms, event.mono_ms, event.boot);
    draft.child = event.child;
    draft.voucher = event.voucher;
    draft.lesson = event.lesson;
    draft.provider = event.provider;
    draft.method = event.method;
    draft.card = event.card;
    draft.reason = event.reason;
    draft.about = event.about;
    draft.month = event.month;
    draft.document = event.document.clone();
    draft.absence = event.absence;
    draft.verdict = event.verdict;
    draft.finding = event.finding;
    draft.cancellation = event.cancellation;
    draft.moved_to_ms = event.moved_to_ms;
    draft.group = event.group;
    draft
}

fn trust_list() -> TrustList {
    let entries = [
        (TrustRole::Log, key(4)),
        (TrustRole::DeviceCa, key(5)),
        (TrustRole::Rules, key(6)),
        (TrustRole::CardIssuer, key(7)),
    ];
    let entries = entries.map(|(role, key)| TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: ORIGIN.to_owned(),
        not_before_s: YEAR_S.0,
        not_after_s: YEAR_S.1,
    });
    TrustList { version: 1, not_after_s: YEAR_S.1, entries: entries.into(), witness_quorum: None }
}
