//! Who may sign in to the console, and how: links, passkeys, recovery codes, sessions.
//!
//! Nothing here can be used to get in if it is stolen from the disk: of links, codes and sessions only
//! hashes are kept, and of a passkey the public half. What is begun with a browser (a challenge) is in
//! memory alone, has a bound, and is used once.
//!
//! Absent on purpose: passwords, mail, and any private key of a person. An account signs no event: its
//! browser's key does, which is a device like any other ([`key`], [`signing`]); a year's volume, rules and
//! the calendar are signed with the district by the server's rules key.

mod admission;
mod ceremony;
mod drafts;
mod key;
mod outcome;
mod passkeys;
mod record;
mod signing;
mod token;

use std::fmt;

use attendance::{Duty, ProviderId};
use seal::Hash;
use server_store::{AccountId, ConsoleAct, Office, Revoked, StoredAccount, StoredLink};
use sync_api::ProblemKind;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

pub(crate) use self::admission::{NewCheck, NewListing};
use self::ceremony::Ceremonies;
pub(crate) use self::drafts::OpenDraft;
pub(crate) use self::key::{BrowserKey, KeyStanding, role_of};
pub(crate) use self::passkeys::{NewCodes, Newcomer, SignedIn};
pub(crate) use self::record::{
    CalendarDay, DayKind, DistrictRecord, NewRules, NewTable, RecordError, Recorded,
};
pub(crate) use self::signing::{Outcome, SignRefusal};
pub(crate) use self::token::Token;
use crate::error::ServerError;
use crate::server::Server;

/// How long a link holds.
const LINK_MS: i64 = 10 * 60_000;
/// How long somebody may be away and still be signed in.
const IDLE_MS: i64 = 30 * 60_000;
/// How long a session lasts at most.
const SESSION_MS: i64 = 12 * 3_600_000;
/// How old what is kept of a session's use may be.
const TOUCH_MS: i64 = 60_000;
/// The name of whoever has the first link, until somebody tells another.
const FIRST_NAME: &str = "Administrator";
/// The longest name of a person, in letters.
const NAME_LETTERS_MAX: usize = 100;

/// An open console.
pub(crate) struct Console {
    origin: String,
    secure: bool,
    webauthn: Webauthn,
    ceremonies: Ceremonies,
}

/// The link for the first administrator. Whoever has it gets in, once.
#[derive(Clone, Eq, PartialEq)]
pub struct FirstLink {
    /// The address to open.
    pub url: String,
    /// The moment from which it holds no more, milliseconds since 1970-01-01T00:00Z.
    pub until_ms: i64,
}

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenConsoleError {
    /// Browsers give no passkeys there.
    #[error(
        "{0} is no address for the console: it must be https://NAME, or http://localhost and a port; \
         passkeys work nowhere else"
    )]
    Address(String),
    /// It is open already.
    #[error("the console is open already")]
    Twice,
    /// Storage failed.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl Console {
    /// Gives the scheme, name and port that pages are asked at.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Tells whether cookies go over TLS alone.
    pub(crate) fn secure(&self) -> bool {
        self.secure
    }
}

impl Server {
    /// Opens the console at an address. Gives a link for the first administrator if nobody ever had an
    /// account; one that was given before holds no more.
    ///
    /// # Errors
    /// [`OpenConsoleError`] if browsers give no passkeys at that address, or storage fails.
    pub async fn open_console(&self, origin: &str) -> Result<Option<FirstLink>, OpenConsoleError> {
        let console = open(origin).ok_or_else(|| OpenConsoleError::Address(origin.to_owned()))?;
        let address = console.origin.clone();
        self.console.set(console).map_err(|_| OpenConsoleError::Twice)?;
        if self.store.has_accounts().await.map_err(ServerError::from)? {
            return Ok(None);
        }
        let office = Office { name: FIRST_NAME.to_owned(), duty: Duty::IssuerHead, provider: None };
        let (path, until_ms) = self.make_link(office, None).await?;
        Ok(Some(FirstLink { url: format!("{address}{path}"), until_ms }))
    }

    /// Gives the console, if it is open.
    pub(crate) fn open_console_of(&self) -> Result<&Console, ServerError> {
        let closed = || ServerError::refused(ProblemKind::NotFound, "there is no console here");
        self.console.get().ok_or_else(closed)
    }

    /// Writes down what somebody did in the console, and to what.
    async fn did(&self, by: AccountId, what: &str, about: String) -> Result<(), ServerError> {
        let at_ms = self.clock.now_ms();
        let act = ConsoleAct { at_ms, account: Some(by), what: what.to_owned(), about };
        Ok(self.store.put_console_act(act).await?)
    }

    /// Makes a link for a person, and gives its path and when it ends.
    pub(crate) async fn make_link(
        &self,
        office: Office,
        made_by: Option<AccountId>,
    ) -> Result<(String, i64), ServerError> {
        let secret = Token::draw(&self.entropy)?;
        let now_ms = self.clock.now_ms();
        let until_ms = now_ms + LINK_MS;
        let link = StoredLink { secret_hash: secret.hash(), office, made_by, until_ms };
        self.store.put_link(link, now_ms).await?;
        Ok((format!("/console/link/{}", secret.text()), until_ms))
    }

    /// Says who a link is for, if it holds.
    pub(crate) async fn link_of(&self, secret: &Token) -> Result<Option<StoredLink>, ServerError> {
        Ok(self.store.link(secret.hash(), self.clock.now_ms()).await?)
    }

    /// Says who is signed in with a token. A session that is over ends.
    pub(crate) async fn session_of(
        &self,
        token: &Token,
    ) -> Result<Option<StoredAccount>, ServerError> {
        let hash = token.hash();
        let Some(session) = self.store.session(hash).await? else { return Ok(None) };
        let now_ms = self.clock.now_ms();
        let (idle, whole) = (now_ms - session.seen_ms, now_ms - session.begun_ms);
        if idle > IDLE_MS || whole > SESSION_MS {
            self.store.end_session(hash).await?;
            return Ok(None);
        }
        if idle >= TOUCH_MS {
            self.store.touch_session(hash, now_ms).await?;
        }
        Ok(Some(session.account))
    }

    /// Signs somebody in, under a token that nobody had before.
    async fn begin_session(&self, account: AccountId) -> Result<SignedIn, ServerError> {
        let token = Token::draw(&self.entropy)?;
        let now_ms = self.clock.now_ms();
        let stale_ms = now_ms - SESSION_MS;
        self.store.begin_session(token.hash(), account, now_ms, stale_ms).await?;
        Ok(SignedIn { token })
    }

    /// Signs somebody out.
    pub(crate) async fn sign_out(&self, token: &Token) -> Result<(), ServerError> {
        Ok(self.store.end_session(token.hash()).await?)
    }

    /// Signs somebody in by a recovery code, once.
    pub(crate) async fn recover(&self, typed: &str) -> Result<Option<SignedIn>, ServerError> {
        let Some(hash) = token::code_hash(typed) else { return Ok(None) };
        let account = self.store.use_code(hash, self.clock.now_ms()).await?;
        match account {
            Some(account) => Ok(Some(self.begin_session(account).await?)),
            None => Ok(None),
        }
    }

    /// Puts new recovery codes in the place of an account's old ones.
    pub(crate) async fn new_codes(&self, account: AccountId) -> Result<NewCodes, ServerError> {
        let (codes, hashes) = self.draw_codes()?;
        self.store.replace_codes(account, hashes, self.clock.now_ms()).await?;
        Ok(codes)
    }

    fn draw_codes(&self) -> Result<(NewCodes, Vec<Hash>), ServerError> {
        let mut codes = Vec::with_capacity(token::CODES);
        let mut hashes = Vec::with_capacity(token::CODES);
        for _ in 0..token::CODES {
            let (code, hash) = token::draw_code(&self.entropy)?;
            codes.push(code);
            hashes.push(hash);
        }
        Ok((NewCodes(codes), hashes))
    }

    /// Revokes an account: its sessions end with it.
    pub(crate) async fn revoke_account(
        &self,
        account: AccountId,
        by: AccountId,
    ) -> Result<Revoked, ServerError> {
        // The account's key ends with it: nothing of that key is being taken meanwhile.
        let _one_writer = self.writer.lock().await;
        Ok(self.store.revoke_account(account, by, self.clock.now_ms()).await?)
    }
}

/// Makes an office of what somebody typed; nothing if it cannot be so.
pub(crate) fn office(name: &str, duty: Duty, provider: Option<ProviderId>) -> Option<Office> {
    let name = name.trim();
    let plain = !name.is_empty()
        && name.chars().count() <= NAME_LETTERS_MAX
        && !name.chars().any(char::is_control);
    let wants = duty == Duty::ProviderAdmin;
    (plain && wants == provider.is_some()).then(|| Office { name: name.to_owned(), duty, provider })
}

/// What somebody in the console may be there for.
pub(crate) const DUTIES: [Duty; 6] = [
    Duty::IssuerHead,
    Duty::IssuerSpecialist,
    Duty::Commission,
    Duty::Treasury,
    Duty::Coordinator,
    Duty::ProviderAdmin,
];

fn open(origin: &str) -> Option<Console> {
    let url = Url::parse(origin).ok()?;
    let name = url.domain()?;
    let secure = url.scheme() == "https";
    let plain = url.scheme() == "http" && name == "localhost";
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !(secure || plain) || !bare || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let webauthn = WebauthnBuilder::new(name, &url).ok()?.rp_name("Qatysu").build().ok()?;
    let origin = url.origin().ascii_serialization();
    Some(Console { origin, secure, webauthn, ceremonies: Ceremonies::default() })
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl fmt::Debug for FirstLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FirstLink").field("until_ms", &self.until_ms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_with_passkeys_are_taken() {
        for (address, origin) in [
            ("https://qatysu.example.kz", Some("https://qatysu.example.kz")),
            ("https://qatysu.example.kz/", Some("https://qatysu.example.kz")),
            ("https://qatysu.example.kz:8443", Some("https://qatysu.example.kz:8443")),
            ("http://localhost:7400", Some("http://localhost:7400")),
            ("http://qatysu.example.kz", None),
            ("http://127.0.0.1:7400", None),
            ("https://192.168.1.10", None),
            ("https://qatysu.example.kz/console", None),
            ("https://me@qatysu.example.kz", None),
            ("qatysu.example.kz", None),
            ("", None),
        ] {
            let found = open(address).map(|console| console.origin);
            assert_eq!(found.as_deref(), origin, "{address}");
        }
    }

    #[test]
    fn an_office_has_a_name_and_a_provider_where_it_needs_one() {
        let provider = Some(ProviderId([1; 8]));
        assert!(office(" Head ", Duty::IssuerHead, None).is_some_and(|one| one.name == "Head"));
        assert!(office("Head", Duty::IssuerHead, provider).is_none());
        assert!(office("Chess", Duty::ProviderAdmin, provider).is_some());
        assert!(office("Chess", Duty::ProviderAdmin, None).is_none());
        assert!(office("  ", Duty::Treasury, None).is_none());
        assert!(office("a\nb", Duty::Treasury, None).is_none());
        assert!(office(&"я".repeat(101), Duty::Treasury, None).is_none());
    }
}
