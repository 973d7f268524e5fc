//! Passkeys: made, and shown (WebAuthn). The browser's words are judged by `webauthn-rs`.

use std::fmt;

use seal::Hash;
use serde_json::{Value, json};
use server_store::{AccountId, StoredAccount, StoredPasskey};
use sync_api::ProblemKind;
use webauthn_rs::prelude::{
    DiscoverableKey, Passkey, PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
};

use super::Console;
use super::ceremony::Ceremony;
use super::token::Token;
use crate::error::ServerError;
use crate::server::Server;

/// Who makes a passkey.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Newcomer<'a> {
    /// Whoever has a link.
    Link(&'a Token),
    /// Somebody who is signed in.
    Own(&'a StoredAccount),
}

/// Somebody just signed in, under this token.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) token: Token,
}

/// Recovery codes, to be shown once.
pub(crate) struct NewCodes(pub(crate) Vec<String>);

impl fmt::Debug for NewCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewCodes(***)")
    }
}

impl Server {
    /// Asks a browser for a new passkey. Gives what its script hands to the browser.
    pub(crate) async fn begin_passkey(
        &self,
        door: &Token,
        newcomer: Newcomer<'_>,
    ) -> Result<Value, ServerError> {
        let console = self.open_console_of()?;
        let (account, name, known) = match newcomer {
            Newcomer::Link(secret) => {
                let link = self.link_of(secret).await?.ok_or_else(link_is_over)?;
                (AccountId(self.entropy.draw()?), link.office.name, Vec::new())
            }
            Newcomer::Own(own) => {
                let known = self.store.credentials(own.account).await?;
                (own.account, own.office.name.clone(), known)
            }
        };
        let user = Uuid::from_bytes(account.0);
        let begun = console.webauthn.start_passkey_registration(user, &name, &name, Some(known));
        let (question, state) = begun.map_err(|_| ServerError::Stored("passkey"))?;
        let state = Box::new(state);
        let ceremony = match newcomer {
            Newcomer::Link(secret) => Ceremony::Join { link: secret.hash(), account, state },
            Newcomer::Own(_) => Ceremony::Add { account, state },
        };
        self.begin(console, door, ceremony)?;
        let mut question = serde_json::to_value(question)
            .map_err(|_| ServerError::Stored("question for a passkey"))?;
        // One that the browser finds by itself: nobody types a name to sign in.
        let wanted = json!({
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        });
        if let Some(options) = question.get_mut("publicKey").and_then(Value::as_object_mut) {
            options.insert("authenticatorSelection".to_owned(), wanted);
        }
        Ok(question)
    }

    /// Keeps a passkey that a browser made. A new account is signed in and gets its recovery codes; one
    /// more passkey of an account brings none.
    pub(crate) async fn finish_passkey(
        &self,
        door: &Token,
        made: &RegisterPublicKeyCredential,
    ) -> Result<Option<(SignedIn, NewCodes)>, ServerError> {
        let console = self.open_console_of()?;
        let now_ms = self.clock.now_ms();
        let (account, link, state) = match console.ceremonies.take(door.hash(), now_ms) {
            Some(Ceremony::Join { link, account, state }) => (account, Some(link), state),
            Some(Ceremony::Add { account, state }) => (account, None, state),
            Some(Ceremony::SignIn(_) | Ceremony::Key { .. }) | None => return Err(too_late()),
        };
        let passkey = console
            .webauthn
            .finish_passkey_registration(made, &state)
            .map_err(|error| not_recognised(&error))?;
        let kept = stored(account, &passkey)?;
        match link {
            Some(link) => self.join(link, kept).await.map(Some),
            None => {
                self.store.add_passkey(kept, now_ms).await?;
                Ok(None)
            }
        }
    }

    async fn join(
        &self,
        link: Hash,
        passkey: StoredPasskey,
    ) -> Result<(SignedIn, NewCodes), ServerError> {
        let account = passkey.account;
        let (codes, hashes) = self.draw_codes()?;
        if !self.store.use_link(link, passkey, hashes, self.clock.now_ms()).await? {
            return Err(link_is_over());
        }
        Ok((self.begin_session(account).await?, codes))
    }

    /// Asks a browser for a passkey of anybody's.
    pub(crate) fn begin_sign_in(&self, door: &Token) -> Result<Value, ServerError> {
        let console = self.open_console_of()?;
        let begun = console.webauthn.start_discoverable_authentication();
        let (question, state) = begun.map_err(|_| ServerError::Stored("passkey"))?;
        self.begin(console, door, Ceremony::SignIn(Box::new(state)))?;
        let mut question = serde_json::to_value(question)
            .map_err(|_| ServerError::Stored("question for a passkey"))?;
        // Asked by a button, not while somebody types.
        if let Some(question) = question.as_object_mut() {
            question.remove("mediation");
        }
        Ok(question)
    }

    /// Signs in whoever's passkey a browser showed.
    pub(crate) async fn finish_sign_in(
        &self,
        door: &Token,
        shown: &PublicKeyCredential,
    ) -> Result<SignedIn, ServerError> {
        let console = self.open_console_of()?;
        let now_ms = self.clock.now_ms();
        let Some(Ceremony::SignIn(state)) = console.ceremonies.take(door.hash(), now_ms) else {
            return Err(too_late());
        };
        let (user, credential) = console
            .webauthn
            .identify_discoverable_authentication(shown)
            .map_err(|error| not_recognised(&error))?;
        let kept = self.store.passkey(credential.to_vec()).await?.ok_or_else(unknown)?;
        if Uuid::from_bytes(kept.account.0) != user {
            return Err(unknown());
        }
        let mut passkey: Passkey =
            serde_json::from_str(&kept.passkey).map_err(|_| ServerError::Stored("passkey"))?;
        let key = DiscoverableKey::from(&passkey);
        let result = console
            .webauthn
            .finish_discoverable_authentication_v2(shown, *state, &key)
            .map_err(|error| not_recognised(&error))?;
        passkey.update_credential(&result);
        self.store.used_passkey(stored(kept.account, &passkey)?, now_ms).await?;
        self.begin_session(kept.account).await
    }

    pub(super) fn begin(
        &self,
        console: &Console,
        door: &Token,
        ceremony: Ceremony,
    ) -> Result<(), ServerError> {
        if console.ceremonies.begin(door.hash(), ceremony, self.clock.now_ms()) {
            return Ok(());
        }
        Err(ServerError::Busy {
            kind: ProblemKind::Busy,
            retry_after_s: self.config.retry_after_s,
            detail: "too many people sign in just now",
        })
    }
}

fn stored(account: AccountId, passkey: &Passkey) -> Result<StoredPasskey, ServerError> {
    let text = serde_json::to_string(passkey).map_err(|_| ServerError::Stored("passkey"))?;
    Ok(StoredPasskey { credential: passkey.cred_id().to_vec(), account, passkey: text })
}

fn not_recognised(error: &webauthn_rs::prelude::WebauthnError) -> ServerError {
    tracing::warn!(%error, "a passkey was refused");
    ServerError::refused(ProblemKind::NotRecognised, "the passkey is not accepted")
}

fn unknown() -> ServerError {
    ServerError::refused(ProblemKind::NotRecognised, "this passkey is of nobody here")
}

pub(super) fn too_late() -> ServerError {
    ServerError::refused(ProblemKind::NotRecognised, "nothing was asked, or too long ago")
}

fn link_is_over() -> ServerError {
    ServerError::refused(ProblemKind::NotRecognised, "the link was used, or is over")
}
