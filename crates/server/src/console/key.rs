//! A browser's key: made there, certified here by the path of every device, and whose it is.
//!
//! Its certificate says what the account's duty says and no more: a duty that signs nothing has none.
//! One person has one key at a time, since whoever wants two persons counts devices.

use attendance::{Action, DeviceId, Duty, ProviderId, Role};
use seal::Hash;
use server_store::{AccountId, Office, StoredAccount, StoredConsoleKey};
use subtle::ConstantTimeEq as _;
use sync_api::ProblemKind;

use super::ceremony::Ceremony;
use super::passkeys::too_late;
use super::token::Token;
use crate::enrolment::{Grant, read_claims};
use crate::error::ServerError;
use crate::server::Server;

/// The most letters of a name that a certificate has.
const NAME_LETTERS_MAX: usize = 60;

/// How a browser's key stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum KeyStanding {
    /// It signs.
    InForce,
    /// It was given up, or its account revoked.
    Ended,
    /// A coordinator revoked it.
    Revoked,
    /// Two histories of it were seen.
    Suspended,
    /// Its certificate is over.
    Over,
}

/// A browser's key, and how it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BrowserKey {
    pub(crate) device: DeviceId,
    pub(crate) account: AccountId,
    /// SHA-256 of the public key.
    pub(crate) fingerprint: Hash,
    pub(crate) made_ms: i64,
    /// The last second of its certificate.
    pub(crate) until_s: i64,
    pub(crate) events: u64,
    pub(crate) standing: KeyStanding,
    /// True if its owner gave it up: there is room for another one.
    pub(crate) given_up: bool,
}

/// Says what an office's key is certified as; nothing for a duty that signs nothing in the console.
pub(crate) fn role_of(office: &Office) -> Option<(Role, Option<ProviderId>)> {
    let signs = [Action::SignSheet, Action::SetVoucher, Action::SuspendProvider];
    if !signs.into_iter().any(|action| office.duty.scope(action).decides()) {
        return None;
    }
    match office.duty {
        Duty::ProviderAdmin => office.provider.map(|own| (Role::ProviderAdmin, Some(own))),
        Duty::IssuerHead => Some((Role::Issuer, None)),
        // A certificate for one of these would say more than its column, or decide nothing.
        Duty::Teacher
        | Duty::Parent
        | Duty::Coordinator
        | Duty::IssuerSpecialist
        | Duty::Commission
        | Duty::Treasury
        | Duty::Operator
        | Duty::Delegate => None,
    }
}

impl Server {
    /// Gives what a browser's new key must sign to be certified.
    pub(crate) async fn begin_key(
        &self,
        door: &Token,
        account: &StoredAccount,
    ) -> Result<[u8; 16], ServerError> {
        if role_of(&account.office).is_none() {
            return Err(signs_nothing());
        }
        if self.key_in_force(account.account).await?.is_some() {
            return Err(has_one());
        }
        let secret = self.entropy.draw()?;
        let ceremony = Ceremony::Key { account: account.account, secret };
        self.begin(self.open_console_of()?, door, ceremony)?;
        Ok(secret)
    }

    /// Certifies a browser's new key, which shows that it is held by signing what was asked.
    pub(crate) async fn finish_key(
        &self,
        door: &Token,
        account: &StoredAccount,
        claims: &[u8],
    ) -> Result<DeviceId, ServerError> {
        let begun = self.open_console_of()?.ceremonies.take(door.hash(), self.clock.now_ms());
        let Some(Ceremony::Key { account: asked, secret }) = begun else { return Err(too_late()) };
        let (claims, key) = read_claims(claims)?;
        let is_answer: bool = claims.secret.ct_eq(&secret).into();
        if asked != account.account || !is_answer {
            return Err(too_late());
        }
        let (role, provider) = role_of(&account.office).ok_or_else(signs_nothing)?;
        let name = account.office.name.chars().take(NAME_LETTERS_MAX).collect();
        let grant = Grant { role, provider, groups: Vec::new(), children: Vec::new(), name };
        let (device, certificate) = (DeviceId::derive_from(&key), self.certify(&key, grant)?);
        let _one_writer = self.writer.lock().await;
        let now_ms = self.clock.now_ms();
        if !self.store.put_console_key(device, certificate, account.account, now_ms).await? {
            return Err(has_one());
        }
        tracing::info!(%device, "a browser's key was certified");
        Ok(device)
    }

    /// Ends a key of an account's own: what it signs from then on is put aside.
    pub(crate) async fn end_key(
        &self,
        account: AccountId,
        device: DeviceId,
    ) -> Result<bool, ServerError> {
        let _one_writer = self.writer.lock().await;
        Ok(self.store.end_console_key(device, account, self.clock.now_ms()).await?)
    }

    /// Lists the keys that an account ever had.
    pub(crate) async fn keys_of(&self, account: AccountId) -> Result<Vec<BrowserKey>, ServerError> {
        let mut keys = Vec::new();
        for kept in self.store.console_keys().await? {
            if kept.account == account {
                keys.push(self.browser_key(kept).await?);
            }
        }
        Ok(keys)
    }

    /// Gives the key that an account has and did not end.
    pub(crate) async fn key_in_force(
        &self,
        account: AccountId,
    ) -> Result<Option<BrowserKey>, ServerError> {
        let kept = self.store.console_keys().await?.into_iter();
        let mut kept = kept.filter(|key| key.account == account && key.ended_ms.is_none());
        match kept.next() {
            Some(kept) => self.browser_key(kept).await.map(Some),
            None => Ok(None),
        }
    }

    /// Says whose a key is, if it is a browser's.
    pub(crate) async fn owner_of(
        &self,
        device: DeviceId,
    ) -> Result<Option<AccountId>, ServerError> {
        let kept = self.store.console_keys().await?.into_iter();
        Ok(kept.into_iter().find(|key| key.device == device).map(|key| key.account))
    }

    async fn browser_key(&self, kept: StoredConsoleKey) -> Result<BrowserKey, ServerError> {
        let StoredConsoleKey { device, account, made_ms, ended_ms } = kept;
        let missing = || ServerError::Stored("browser's key");
        let stored = self.store.device(device).await?.ok_or_else(missing)?;
        let certificate = self.certificate(device).await?.ok_or_else(missing)?;
        let until_s = certificate.certificate().not_after_s;
        let standing = if stored.revoked.is_some() {
            KeyStanding::Revoked
        } else if ended_ms.is_some() {
            KeyStanding::Ended
        } else if stored.suspended {
            KeyStanding::Suspended
        } else if certificate.certificate().covers(self.clock.now_s()) {
            KeyStanding::InForce
        } else {
            KeyStanding::Over
        };
        let fingerprint = seal::sha256(&certificate.certificate().key);
        let (events, given_up) = (stored.events, ended_ms.is_some());
        let key = BrowserKey {
            device,
            account,
            fingerprint,
            made_ms,
            until_s,
            events,
            standing,
            given_up,
        };
        Ok(key)
    }
}

fn signs_nothing() -> ServerError {
    ServerError::refused(ProblemKind::NotAllowed, "this duty signs nothing in the console")
}

fn has_one() -> ServerError {
    ServerError::refused(ProblemKind::NotAllowed, "the account has a key already, or is revoked")
}

#[cfg(test)]
mod tests {
    use attendance::permitted;

    use super::*;

    const ACTIONS: [Action; 6] = [
        Action::SignSheet,
        Action::SetVoucher,
        Action::SuspendProvider,
        Action::DecideSheet,
        Action::BindDevice,
        Action::CollectDevices,
    ];

    #[test]
    fn no_key_is_certified_for_more_than_its_duty() {
        for duty in super::super::DUTIES {
            let provider = (duty == Duty::ProviderAdmin).then_some(ProviderId([1; 8]));
            let office = Office { name: "Somebody".to_owned(), duty, provider };
            let signs = matches!(duty, Duty::ProviderAdmin | Duty::IssuerHead);
            assert_eq!(role_of(&office).is_some(), signs, "{duty:?}");
            let Some((role, provider)) = role_of(&office) else { continue };
            for action in ACTIONS {
                assert_eq!(permitted(role, provider, action), duty.scope(action), "{action:?}");
            }
        }
    }
}
