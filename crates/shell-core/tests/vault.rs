//! Where a device's keys are kept: wrapped, found again, and refused in words.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use seal::Hash;
use shell_core::{
    KeyVault, Passphrase, PrivateFile, Shell, ShellClock, ShellConfig, ShellError, VaultError,
};

const SEED: [u8; 32] = [0x5a; 32];

fn open(dir: &Path, vault: &dyn KeyVault) -> Result<Shell, ShellError> {
    let clock = ShellClock::hand(Arc::new(AtomicI64::new(1_788_314_400_000)));
    Shell::open_with(ShellConfig { data_dir: dir.to_owned(), clock }, vault)
}

async fn key_of(shell: &Shell) -> [u8; 32] {
    shell.device().with(|device| device.public_key()).await.to_bytes()
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).expect("long enough")
}

/// Everything in the folder, with its names.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|file| file.expect("an entry"))
        .map(|file| {
            (
                file.file_name().into_string().expect("text"),
                std::fs::read(file.path()).expect("a file"),
            )
        })
        .filter(|(name, _)| !name.ends_with("-shm") && !name.ends_with("-wal"))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn keys_are_found_again_and_written_nowhere_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("device.key"), format!("{}\n", Hash(SEED))).unwrap();
    let first = key_of(&open(dir.path(), &PrivateFile).unwrap()).await;
    assert_eq!(first, seal::Signer::public_key(&seal::SoftwareKey::from_seed(&SEED)).to_bytes());
    // The plain key of the earlier release is wrapped, and nothing else holds it.
    let hex = Hash(SEED).to_string().into_bytes();
    for (name, bytes) in files(dir.path()) {
        assert!(!bytes.windows(64).any(|part| part == hex), "{name}");
        assert!(!bytes.windows(32).any(|part| part == SEED), "{name}");
    }
    assert_eq!(key_of(&open(dir.path(), &PrivateFile).unwrap()).await, first);
}

#[tokio::test]
async fn missing_or_wrong_secret_is_said_with_the_way_out_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), &PrivateFile).unwrap());
    let secret = dir.path().join("device.secret");
    let kept = std::fs::read(&secret).unwrap();
    let whole = files(dir.path());

    std::fs::remove_file(&secret).unwrap();
    let refused = open(dir.path(), &PrivateFile).unwrap_err();
    assert!(matches!(refused, ShellError::Vault(VaultError::Missing { .. })), "{refused:?}");
    assert!(refused.to_string().contains("put it back"), "{refused}");
    std::fs::write(&secret, format!("{}\n", Hash([9; 32]))).unwrap();
    let refused = open(dir.path(), &PrivateFile).unwrap_err().to_string();
    assert!(refused.contains("put the right one back"), "{refused}");
    std::fs::write(&secret, kept).unwrap();
    assert_eq!(files(dir.path()), whole, "nothing was changed");

    std::fs::remove_file(dir.path().join("device.key")).unwrap();
    let refused = open(dir.path(), &PrivateFile).unwrap_err();
    assert!(matches!(refused, ShellError::KeyMissing { .. }), "{refused:?}");
    assert!(!dir.path().join("device.key").exists(), "no other key was made");
}

#[tokio::test]
async fn passphrase_opens_and_another_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let first = key_of(&open(dir.path(), &passphrase("long enough to keep")).unwrap()).await;
    assert!(!dir.path().join("device.secret").exists(), "nothing on the disk opens it");
    let whole = files(dir.path());
    let refused = open(dir.path(), &passphrase("another, just as long")).unwrap_err().to_string();
    assert!(refused.contains("passphrase is another one"), "{refused}");
    let refused = open(dir.path(), &PrivateFile).unwrap_err().to_string();
    assert!(refused.contains("give its passphrase"), "{refused}");
    assert_eq!(files(dir.path()), whole, "nothing was changed");
    // Spaces and the end of a line are nobody's secret.
    assert_eq!(
        key_of(&open(dir.path(), &passphrase(" long enough to keep\n")).unwrap()).await,
        first
    );
    assert!(matches!(Passphrase::new("short"), Err(VaultError::TooShort)));
}

#[tokio::test]
async fn passphrase_takes_the_place_of_the_private_file() {
    let dir = tempfile::tempdir().unwrap();
    let first = key_of(&open(dir.path(), &PrivateFile).unwrap()).await;
    let phrase = passphrase("from now on a phrase");
    assert_eq!(key_of(&open(dir.path(), &phrase).unwrap()).await, first);
    assert!(!dir.path().join("device.secret").exists());
    assert_eq!(key_of(&open(dir.path(), &phrase).unwrap()).await, first);
    assert!(open(dir.path(), &PrivateFile).is_err());
}

#[tokio::test]
async fn every_byte_of_the_key_file_counts() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), &PrivateFile).unwrap());
    let path = dir.path().join("device.key");
    let whole = std::fs::read(&path).unwrap();
    for at in (0..whole.len() - 1).step_by(7) {
        let mut changed = whole.clone();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        std::fs::write(&path, changed).unwrap();
        assert!(open(dir.path(), &PrivateFile).is_err(), "byte {at}");
    }
    std::fs::write(&path, whole).unwrap();
    drop(open(dir.path(), &PrivateFile).unwrap());
}

#[cfg(feature = "encrypted")]
#[tokio::test]
async fn older_key_file_beside_an_encrypted_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let plain = format!("{}\n", Hash(SEED));
    std::fs::write(dir.path().join("device.key"), &plain).unwrap();
    drop(open(dir.path(), &PrivateFile).unwrap());
    std::fs::write(dir.path().join("device.key"), &plain).unwrap();
    let refused = open(dir.path(), &PrivateFile).unwrap_err();
    assert!(matches!(refused, ShellError::KeyOlder { .. }), "{refused:?}");
    assert_eq!(std::fs::read_to_string(dir.path().join("device.key")).unwrap(), plain);
}

#[cfg(feature = "encrypted")]
#[tokio::test]
async fn database_of_a_shell_is_encrypted() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), &PrivateFile).unwrap());
    let database = std::fs::read(dir.path().join("device.db")).unwrap();
    assert!(database.len() > 4_096 && !database.windows(6).any(|part| part == b"SQLite"));
}
