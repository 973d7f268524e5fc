//! What was begun with a browser and is not finished: in memory, bounded, each taken once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use seal::Hash;
use server_store::AccountId;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

/// How long a person has to answer a browser's question.
const CEREMONY_MS: i64 = 5 * 60_000;
/// How many people may be asked at once.
const CEREMONIES_MAX: usize = 1_000;

/// What a browser was asked.
pub(super) enum Ceremony {
    /// To make the first passkey of a new account.
    Join { link: Hash, account: AccountId, state: Box<PasskeyRegistration> },
    /// To make one more.
    Add { account: AccountId, state: Box<PasskeyRegistration> },
    /// To make a key that signs, and to sign this.
    Key { account: AccountId, secret: [u8; 16] },
    /// To show one.
    SignIn(Box<DiscoverableAuthentication>),
}

/// What is begun, by who began it.
#[derive(Default)]
pub(super) struct Ceremonies(Mutex<HashMap<Hash, (i64, Ceremony)>>);

impl Ceremonies {
    /// Keeps what was begun, in the place of what the same browser began before. Says whether there was
    /// room.
    pub(super) fn begin(&self, who: Hash, ceremony: Ceremony, now_ms: i64) -> bool {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        begun.retain(|_, (until_ms, _)| *until_ms > now_ms);
        if begun.len() >= CEREMONIES_MAX && !begun.contains_key(&who) {
            return false;
        }
        begun.insert(who, (now_ms + CEREMONY_MS, ceremony));
        true
    }

    /// Takes what a browser began, if it is not too late.
    pub(super) fn take(&self, who: Hash, now_ms: i64) -> Option<Ceremony> {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until_ms, ceremony) = begun.remove(&who)?;
        (until_ms > now_ms).then_some(ceremony)
    }
}

impl fmt::Debug for Ceremonies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ceremonies(***)")
    }
}
