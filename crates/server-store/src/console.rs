//! People of the console: accounts, links, passkeys, recovery codes, sessions, and what they did.
//!
//! Secrets come as hashes: nothing that is kept here lets anybody in.

use attendance::{Duty, ProviderId};
use seal::Hash;

use crate::error::StorageError;
use crate::sqlite;
use crate::store::Store;

/// Names an account.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AccountId(pub [u8; 16]);

/// Who somebody is, and what for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Office {
    /// The person's name, 1 to 100 characters.
    pub name: String,
    /// The column of the permission table.
    pub duty: Duty,
    /// The provider, for its administrator and nobody else.
    pub provider: Option<ProviderId>,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredAccount {
    /// Its name in records.
    pub account: AccountId,
    /// Who it is.
    pub office: Office,
    /// Since when, milliseconds since 1970-01-01T00:00Z.
    pub made_ms: i64,
    /// Since when it may no more.
    pub revoked_ms: Option<i64>,
    /// How many passkeys it has.
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub codes_left: u32,
}

/// A link that makes an account, once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredLink {
    /// SHA-256 of its secret.
    pub secret_hash: Hash,
    /// Who it is for.
    pub office: Office,
    /// Who made it; nothing if it was the operator.
    pub made_by: Option<AccountId>,
    /// The moment from which it holds no more, milliseconds since 1970-01-01T00:00Z.
    pub until_ms: i64,
}

/// A passkey.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredPasskey {
    /// Its credential id.
    pub credential: Vec<u8>,
    /// Whose.
    pub account: AccountId,
    /// As the library writes it, JSON.
    pub passkey: String,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredSession {
    /// Who.
    pub account: StoredAccount,
    /// Since when, milliseconds since 1970-01-01T00:00Z.
    pub begun_ms: i64,
    /// When something was last asked.
    pub seen_ms: i64,
}

/// What somebody did in the console.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConsoleAct {
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Who; nothing if it was the operator.
    pub account: Option<AccountId>,
    /// What.
    pub what: String,
    /// Whom or what it was done to.
    pub about: String,
}

/// Why an account was not revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Revoked {
    /// It is now.
    Done,
    /// There is no such account, or it was revoked before.
    NotThere,
    /// Nobody would be left who may let others in.
    LastHead,
}

/// Accounts of the console.
impl Store {
    /// Tells whether anybody ever got an account.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn has_accounts(&self) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::has_accounts(c)).await
    }

    /// Keeps a link, and that it was made. One of the operator's takes the place of those before that
    /// nobody used.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_link(&self, link: StoredLink, at_ms: i64) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_link(c, &link, at_ms)).await
    }

    /// Gives a link that holds at a moment and that nobody used.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn link(
        &self,
        secret_hash: Hash,
        at_ms: i64,
    ) -> Result<Option<StoredLink>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::link(c, secret_hash, at_ms)).await
    }

    /// Makes the account of a link that holds, with its passkey and its recovery codes; all or nothing,
    /// once. Says whether it did.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn use_link(
        &self,
        secret_hash: Hash,
        passkey: StoredPasskey,
        codes: Vec<Hash>,
        at_ms: i64,
    ) -> Result<bool, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::use_link(c, secret_hash, &passkey, &codes, at_ms)).await
    }

    /// Lists all accounts, the oldest first.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn accounts(&self) -> Result<Vec<StoredAccount>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(|c| sqlite::accounts(c)).await
    }

    /// Revokes an account, and ends its sessions and its browser's key.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn revoke_account(
        &self,
        account: AccountId,
        by: AccountId,
        at_ms: i64,
    ) -> Result<Revoked, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::revoke_account(c, account, by, at_ms)).await
    }

    /// Lists what was done in the console, the newest first, at most so many.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn console_acts(&self, limit: u32) -> Result<Vec<ConsoleAct>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::console_acts(c, limit)).await
    }

    /// Keeps that something was done in the console.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn put_console_act(&self, act: ConsoleAct) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::put_console_act(c, &act)).await
    }
}

/// What lets people of the console in.
impl Store {
    /// Gives a passkey of an account that may sign in.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn passkey(
        &self,
        credential: Vec<u8>,
    ) -> Result<Option<StoredPasskey>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::passkey(c, &credential)).await
    }

    /// Lists the credential ids of an account's passkeys.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn credentials(&self, account: AccountId) -> Result<Vec<Vec<u8>>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::credentials(c, account)).await
    }

    /// Keeps one more passkey of an account.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails, or the credential is there.
    pub async fn add_passkey(
        &self,
        passkey: StoredPasskey,
        at_ms: i64,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::add_passkey(c, &passkey, at_ms)).await
    }

    /// Keeps that a passkey was used, with what the library counts.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn used_passkey(
        &self,
        passkey: StoredPasskey,
        at_ms: i64,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::used_passkey(c, &passkey, at_ms)).await
    }

    /// Uses a recovery code, once. Says whose it was, if that account may sign in.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn use_code(
        &self,
        code_hash: Hash,
        at_ms: i64,
    ) -> Result<Option<AccountId>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::use_code(c, code_hash, at_ms)).await
    }

    /// Puts new recovery codes in the place of all that an account has.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn replace_codes(
        &self,
        account: AccountId,
        codes: Vec<Hash>,
        at_ms: i64,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::replace_codes(c, account, &codes, at_ms)).await
    }

    /// Begins a session of an account that may sign in, and forgets those that began before `stale_ms`.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn begin_session(
        &self,
        token_hash: Hash,
        account: AccountId,
        at_ms: i64,
        stale_ms: i64,
    ) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::begin_session(c, token_hash, account, at_ms, stale_ms)).await
    }

    /// Gives a session of an account that is not revoked.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn session(&self, token_hash: Hash) -> Result<Option<StoredSession>, StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::session(c, token_hash)).await
    }

    /// Keeps that somebody who is signed in asked for something.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn touch_session(&self, token_hash: Hash, at_ms: i64) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::touch_session(c, token_hash, at_ms)).await
    }

    /// Ends a session; one that is not there stays so.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails.
    pub async fn end_session(&self, token_hash: Hash) -> Result<(), StorageError> {
        let Self::Sqlite(db) = self;
        db.call(move |c| sqlite::end_session(c, token_hash)).await
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for AccountId {
    type Err = NoAccountId;

    fn from_str(text: &str) -> Result<Self, NoAccountId> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(NoAccountId) };
        let digits = |pair: &[u8; 2]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
        };
        let bytes: Option<Vec<u8>> = pairs.iter().map(digits).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(NoAccountId)
    }
}

/// A text is no account's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an account is named by 32 hexadecimal digits")]
pub struct NoAccountId;
