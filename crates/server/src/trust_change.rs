//! A newer trust list: made where the root keys are, taken up when the server starts.

use std::path::{Path, PathBuf};

use attendance::{SignedTrustList, TrustEntry, TrustList, TrustRejection, TrustRole, TrustRoots};
use seal::{PublicKey, Signer, SoftwareKey};
use tlog::policy::{PolicyRejection, PolicyWitness};
use tlog::{Policy, VerifierKey};
use witness::write_atomically;

use crate::district::{KEY_LIFE_S, LIST_LIFE_S};
use crate::keys::{KeyFileError, STATUS_KEY, read_key, write_key};
use crate::witnesses::{WITNESS_POLICY, address};

/// Why the witnesses were not named. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NameWitnessesError {
    /// A file of the server cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The trust list in force does not hold.
    #[error("the trust list in force does not hold: {0}")]
    Old(TrustRejection),
    /// Too few of the root keys signed, or the list makes no sense.
    #[error("the new trust list does not hold: {0}; give the files of enough root keys")]
    New(TrustRejection),
    /// The policy asks for more than a number of witnesses.
    #[error(
        "the quorum must be a plain number of all witnesses of the policy: devices know no groups"
    )]
    Groups,
    /// A witness cannot be asked.
    #[error("{0}")]
    Address(String),
    /// A key does something else already.
    #[error("the key of {0} has another role already: a witness needs a key of its own")]
    KeyInUse(String),
    /// The policy names another log.
    #[error("the policy names another log than {0}: leave its line out, it is written by itself")]
    OtherLog(String),
    /// The trust list names no log.
    #[error("the trust list in force names no key of the log")]
    NoLog,
    /// The policy cannot be written again.
    #[error(transparent)]
    Policy(#[from] PolicyRejection),
    /// A root key did not sign.
    #[error(transparent)]
    Sign(#[from] seal::SignError),
    /// The version has no next one.
    #[error("the trust list has the last version there is")]
    LastVersion,
}

/// Why the key for lists of revoked cards was not named. The trust list was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NameStatusKeyError {
    /// A file of the server cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key's file cannot be read or written.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The trust list in force does not hold.
    #[error("the trust list in force does not hold: {0}")]
    Old(TrustRejection),
    /// Too few of the root keys signed.
    #[error("the new trust list does not hold: {0}; give the files of enough root keys")]
    New(TrustRejection),
    /// The name of the log cannot be read.
    #[error("{0} does not hold the name of the log")]
    Origin(PathBuf),
    /// A root key did not sign.
    #[error(transparent)]
    Sign(#[from] seal::SignError),
    /// The version has no next one.
    #[error("the trust list has the last version there is")]
    LastVersion,
}

/// Makes the key for lists of revoked cards where it is missing, and the next version of a server's
/// trust list, which names it; root keys sign. A running server takes it up when it starts again.
///
/// # Errors
/// [`NameStatusKeyError`], and the trust list is not changed.
pub fn name_status_key(
    data_dir: &Path,
    root_keys: &[SoftwareKey],
    now_s: i64,
) -> Result<TrustList, NameStatusKeyError> {
    let io = |path: &Path, source| NameStatusKeyError::Io { path: path.to_owned(), source };
    let load = |path: &Path| std::fs::read(path).map_err(|source| io(path, source));
    let (list_path, origin_path) = (data_dir.join("trust.list"), data_dir.join("origin"));
    let roots = TrustRoots::parse(&load(&data_dir.join("trust.roots"))?);
    let roots = roots.map_err(NameStatusKeyError::Old)?;
    let old = SignedTrustList::parse(&load(&list_path)?).and_then(|list| list.verify(&roots, 0));
    let old = old.map_err(NameStatusKeyError::Old)?;
    let version = old.version.checked_add(1).ok_or(NameStatusKeyError::LastVersion)?;
    let scope = String::from_utf8(load(&origin_path)?)
        .map_err(|_| NameStatusKeyError::Origin(origin_path))?;
    let key_path = data_dir.join("keys").join(STATUS_KEY);
    let key = if key_path.exists() { read_key(&key_path)? } else { write_key(&key_path)? };
    let key = key.public_key().to_bytes();
    let mut entries = old.entries.clone();
    entries.retain(|entry| entry.role != TrustRole::Status || entry.key != key);
    let (not_before_s, not_after_s) = (now_s - 86_400, now_s + KEY_LIFE_S);
    entries.push(TrustEntry { key, role: TrustRole::Status, scope, not_before_s, not_after_s });
    let list = TrustList { version, not_after_s: now_s + LIST_LIFE_S, entries, ..old };
    let signers: Vec<&dyn Signer> = root_keys.iter().map(|key| key as &dyn Signer).collect();
    let signed = list.sign(&signers)?;
    let list = SignedTrustList::parse(&signed)
        .and_then(|list| list.verify(&roots, version))
        .map_err(NameStatusKeyError::New)?;
    write_atomically(&list_path, &signed).map_err(|source| io(&list_path, source))?;
    Ok(list)
}

/// Makes the next version of a server's trust list, which names the witnesses of `policy` and no
/// others, and signs it with root keys. Both are written to the data directory; a running server
/// takes them up when it starts again, and devices with their next sync.
///
/// # Errors
/// [`NameWitnessesError`], and nothing is changed.
pub fn name_witnesses(
    data_dir: &Path,
    policy: &Policy,
    root_keys: &[SoftwareKey],
    now_s: i64,
) -> Result<TrustList, NameWitnessesError> {
    let (list_path, policy_path) = (data_dir.join("trust.list"), data_dir.join(WITNESS_POLICY));
    let roots = TrustRoots::parse(&read(&data_dir.join("trust.roots"))?);
    let roots = roots.map_err(NameWitnessesError::Old)?;
    let old = SignedTrustList::parse(&read(&list_path)?).and_then(|list| list.verify(&roots, 0));
    let old = old.map_err(NameWitnessesError::Old)?;
    let version = old.version.checked_add(1).ok_or(NameWitnessesError::LastVersion)?;

    let quorum = policy.k_of_all().ok_or(NameWitnessesError::Groups)?;
    let witness_quorum = u16::try_from(quorum).ok().filter(|quorum| *quorum > 0);
    let mut entries: Vec<TrustEntry> = old.entries.clone();
    entries.retain(|entry| entry.role != TrustRole::Witness);
    for witness in policy.witnesses() {
        address(witness).map_err(NameWitnessesError::Address)?;
        let entry = entry_of(&old, witness, now_s);
        if entries.iter().any(|other| other.key == entry.key) {
            return Err(NameWitnessesError::KeyInUse(witness.name.clone()));
        }
        entries.push(entry);
    }
    let list = TrustList { version, not_after_s: now_s + LIST_LIFE_S, entries, witness_quorum };
    let signers: Vec<&dyn Signer> = root_keys.iter().map(|key| key as &dyn Signer).collect();
    let signed = list.sign(&signers)?;
    let list = SignedTrustList::parse(&signed)
        .and_then(|list| list.verify(&roots, version))
        .map_err(NameWitnessesError::New)?;
    let text = with_own_log(policy, &log_key(&list, now_s)?)?;
    // The addresses first: a list whose witnesses nobody can ask would be worse than the reverse.
    write(&policy_path, text.as_bytes())?;
    write(&list_path, &signed)?;
    Ok(list)
}

/// A witness that is named already keeps its entry.
fn entry_of(old: &TrustList, witness: &PolicyWitness, now_s: i64) -> TrustEntry {
    let (key, scope) = (witness.key.key.to_bytes(), &witness.key.name);
    let named = old.entries.iter().find(|entry| {
        entry.role == TrustRole::Witness && entry.key == key && entry.scope == *scope
    });
    named.filter(|entry| entry.not_after_s > now_s).cloned().unwrap_or_else(|| TrustEntry {
        key,
        role: TrustRole::Witness,
        scope: scope.clone(),
        not_before_s: now_s - 86_400,
        not_after_s: now_s + KEY_LIFE_S,
    })
}

fn log_key(list: &TrustList, now_s: i64) -> Result<VerifierKey, NameWitnessesError> {
    let named = list.entries.iter().rev().find(|entry| {
        entry.role == TrustRole::Log && (entry.not_before_s..=entry.not_after_s).contains(&now_s)
    });
    let named = named.and_then(|entry| Some((entry, PublicKey::parse(&entry.key).ok()?)));
    let (entry, key) = named.ok_or(NameWitnessesError::NoLog)?;
    Ok(VerifierKey { name: entry.scope.clone(), key })
}

/// Writes the policy with the line of the own log, so that it is one that anybody can use.
fn with_own_log(policy: &Policy, log: &VerifierKey) -> Result<String, NameWitnessesError> {
    if policy.logs().any(|known| known.key == *log) {
        return Ok(policy.to_string());
    }
    if policy.logs().next().is_some() {
        return Err(NameWitnessesError::OtherLog(log.name.clone()));
    }
    let text = format!("log {log}\n{policy}");
    Ok(Policy::parse(&text)?.to_string())
}

fn read(path: &Path) -> Result<Vec<u8>, NameWitnessesError> {
    std::fs::read(path).map_err(|source| NameWitnessesError::Io { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), NameWitnessesError> {
    write_atomically(path, bytes)
        .map_err(|source| NameWitnessesError::Io { path: path.to_owned(), source })
}
