//! People of the console.

use attendance::{DeviceId, Duty, ProviderId};
use seal::{Hash, sha256};

use crate::case_note::{CASE_NOTE_LETTERS_MAX, CaseNote};
use crate::console::{AccountId, Office, Revoked, StoredLink, StoredPasskey};
use crate::draft::{Draft, DraftEnd, DraftId};
use crate::store::Store;

const HEAD: AccountId = AccountId([1; 16]);
const ADMIN: AccountId = AccountId([2; 16]);

fn link(secret: &[u8], duty: Duty, made_by: Option<AccountId>) -> StoredLink {
    let provider = (duty == Duty::ProviderAdmin).then_some(ProviderId([7; 8]));
    let office = Office { name: "Somebody".to_owned(), duty, provider };
    StoredLink { secret_hash: sha256(secret), office, made_by, until_ms: 100 }
}

fn passkey(account: AccountId) -> StoredPasskey {
    StoredPasskey { credential: account.0.to_vec(), account, passkey: "{}".to_owned() }
}

fn code(number: u8) -> Hash {
    sha256(&[number])
}

/// A head, and an administrator whom the head let in.
async fn two_people(store: &Store) {
    store.put_link(link(b"first", Duty::IssuerHead, None), 1).await.unwrap();
    assert!(store.use_link(sha256(b"first"), passkey(HEAD), vec![code(1)], 2).await.unwrap());
    store.put_link(link(b"second", Duty::ProviderAdmin, Some(HEAD)), 3).await.unwrap();
    let codes = vec![code(2), code(3)];
    assert!(store.use_link(sha256(b"second"), passkey(ADMIN), codes, 4).await.unwrap());
}

pub(crate) async fn makes_an_account_of_a_link_once(store: &Store) {
    assert!(!store.has_accounts().await.unwrap());
    store.put_link(link(b"lost", Duty::IssuerHead, None), 1).await.unwrap();
    let held = async |secret: &[u8], at| store.link(sha256(secret), at).await.unwrap().is_some();
    assert!(held(b"lost", 99).await && !held(b"lost", 100).await && !held(b"other", 1).await);
    two_people(store).await;
    assert!(!held(b"lost", 2).await, "the operator's newest link alone holds");
    assert!(store.has_accounts().await.unwrap());
    // Used is used, and over is over; nothing of either is kept.
    store.put_link(link(b"late", Duty::Treasury, Some(HEAD)), 3).await.unwrap();
    for (secret, at_ms) in [(&b"first"[..], 3), (b"late", 100)] {
        let again = StoredPasskey { credential: vec![9], ..passkey(AccountId([9; 16])) };
        assert!(!store.use_link(sha256(secret), again, vec![], at_ms).await.unwrap());
    }
    let accounts = store.accounts().await.unwrap();
    let found: Vec<_> = accounts.iter().map(|one| (one.account, one.office.duty)).collect();
    assert_eq!(found, [(HEAD, Duty::IssuerHead), (ADMIN, Duty::ProviderAdmin)]);
    assert_eq!((accounts[1].passkeys, accounts[1].codes_left), (1, 2));
    assert_eq!(accounts[1].office.provider, Some(ProviderId([7; 8])));
    let acts = store.console_acts(10).await.unwrap();
    let used = acts.iter().filter(|act| act.what == "link_used").map(|act| act.account);
    assert_eq!(used.collect::<Vec<_>>(), [Some(ADMIN), Some(HEAD)]);
}

pub(crate) async fn keeps_notes_about_a_month_in_order(store: &Store) {
    two_people(store).await;
    let note = |at_ms, account, month, text: &str| CaseNote {
        at_ms,
        account,
        month,
        signal: "over_capacity".to_owned(),
        note: text.to_owned(),
    };
    let (first, second) = (note(5, ADMIN, 202_609, "asked"), note(4, HEAD, 202_609, "answered"));
    for one in [&first, &note(6, HEAD, 202_610, "later"), &second] {
        store.put_case_note(one.clone()).await.unwrap();
    }
    assert_eq!(store.case_notes(202_609).await.unwrap(), [first, second]);
    assert_eq!(store.case_notes(202_611).await.unwrap(), []);
    // Nobody's, empty, or longer than a note may be.
    let long = "a".repeat(CASE_NOTE_LETTERS_MAX + 1);
    let nobody = AccountId([9; 16]);
    for refused in
        [note(7, nobody, 202_609, "x"), note(7, HEAD, 202_609, ""), note(7, HEAD, 202_609, &long)]
    {
        store.put_case_note(refused).await.unwrap_err();
    }
    let longest = "ә".repeat(CASE_NOTE_LETTERS_MAX);
    store.put_case_note(note(8, HEAD, 202_609, &longest)).await.unwrap();
}

pub(crate) async fn a_draft_waits_until_somebody_ends_it(store: &Store) {
    two_people(store).await;
    let draft = |number, account, fields: &str| Draft {
        draft: DraftId([number; 16]),
        at_ms: 5,
        account,
        what: "rules".to_owned(),
        fields: fields.to_owned(),
    };
    let (first, second) = (draft(9, ADMIN, "{\"document\":\"order 1\"}"), draft(3, ADMIN, "{}"));
    assert!(store.put_draft(first.clone(), 2).await.unwrap());
    assert!(store.put_draft(second.clone(), 2).await.unwrap());
    assert!(!store.put_draft(draft(4, ADMIN, "{}"), 2).await.unwrap(), "no more than two wait");
    assert_eq!(store.open_drafts().await.unwrap(), [first.clone(), second.clone()]);
    let end = |draft, version| DraftEnd { draft, at_ms: 6, account: HEAD, version };
    assert!(store.end_draft(end(first.draft, Some(3))).await.unwrap());
    assert!(!store.end_draft(end(first.draft, None)).await.unwrap(), "once");
    assert!(!store.end_draft(end(DraftId([7; 16]), None)).await.unwrap(), "there is no such");
    assert_eq!(store.open_drafts().await.unwrap(), [second]);
    assert!(store.put_draft(draft(4, ADMIN, "{}"), 2).await.unwrap(), "there is room again");
    for refused in [draft(5, AccountId([9; 16]), "{}"), draft(6, HEAD, "no object")] {
        store.put_draft(refused, 9).await.unwrap_err();
    }
}

pub(crate) async fn ends_what_a_revoked_account_has(store: &Store) {
    two_people(store).await;
    let token = sha256(b"token");
    store.begin_session(token, ADMIN, 5, 0).await.unwrap();
    store.touch_session(token, 9).await.unwrap();
    store.touch_session(token, 7).await.unwrap();
    let session = store.session(token).await.unwrap().unwrap();
    assert_eq!((session.account.account, session.begun_ms, session.seen_ms), (ADMIN, 5, 9));
    store.put_link(link(b"of admin", Duty::Treasury, Some(ADMIN)), 5).await.unwrap();

    assert_eq!(store.revoke_account(HEAD, ADMIN, 10).await.unwrap(), Revoked::LastHead);
    assert_eq!(store.revoke_account(ADMIN, HEAD, 10).await.unwrap(), Revoked::Done);
    assert_eq!(store.revoke_account(ADMIN, HEAD, 11).await.unwrap(), Revoked::NotThere);
    assert_eq!(store.session(token).await.unwrap(), None);
    assert_eq!(store.passkey(ADMIN.0.to_vec()).await.unwrap(), None);
    assert_eq!(store.use_code(code(2), 12).await.unwrap(), None);
    assert_eq!(store.link(sha256(b"of admin"), 12).await.unwrap(), None);
    store.begin_session(sha256(b"new"), ADMIN, 12, 0).await.unwrap();
    assert_eq!(store.session(sha256(b"new")).await.unwrap(), None);
    // The other one is let in as before, until it goes or its session is too old.
    store.begin_session(token, HEAD, 12, 0).await.unwrap();
    assert!(store.session(token).await.unwrap().is_some());
    store.end_session(token).await.unwrap();
    assert_eq!(store.session(token).await.unwrap(), None);
    store.begin_session(token, HEAD, 12, 0).await.unwrap();
    store.begin_session(sha256(b"next"), HEAD, 20, 13).await.unwrap();
    assert_eq!(store.session(token).await.unwrap(), None);
}

pub(crate) async fn uses_a_recovery_code_once(store: &Store) {
    two_people(store).await;
    assert_eq!(store.use_code(code(2), 5).await.unwrap(), Some(ADMIN));
    assert_eq!(store.use_code(code(2), 6).await.unwrap(), None);
    assert_eq!(store.use_code(code(9), 6).await.unwrap(), None);
    store.replace_codes(ADMIN, vec![code(4)], 7).await.unwrap();
    assert_eq!(store.use_code(code(3), 8).await.unwrap(), None, "replaced");
    assert_eq!(store.use_code(code(1), 8).await.unwrap(), Some(HEAD), "another's stay");
    assert_eq!(store.accounts().await.unwrap()[1].codes_left, 1);
    let more = StoredPasskey { credential: vec![5], ..passkey(ADMIN) };
    store.add_passkey(more.clone(), 9).await.unwrap();
    assert!(store.add_passkey(more, 9).await.is_err(), "a credential is one person's");
    assert_eq!(store.credentials(ADMIN).await.unwrap().len(), 2);
    let used = StoredPasskey { passkey: "{\"counter\":1}".to_owned(), ..passkey(ADMIN) };
    store.used_passkey(used.clone(), 10).await.unwrap();
    assert_eq!(store.passkey(used.credential.clone()).await.unwrap(), Some(used));
}

pub(crate) async fn an_account_has_one_key_at_a_time(store: &Store) {
    two_people(store).await;
    let (one, two) = (DeviceId([1; 8]), DeviceId([2; 8]));
    let put = async |device: DeviceId, account, at_ms| {
        store.put_console_key(device, device.0.to_vec(), account, at_ms).await.unwrap()
    };
    assert!(put(one, ADMIN, 5).await);
    assert!(!put(two, ADMIN, 6).await, "a second one at a time");
    assert!(!put(one, HEAD, 6).await, "somebody else's");
    assert!(!put(two, AccountId([9; 16]), 6).await, "nobody's");
    assert_eq!(store.device(two).await.unwrap(), None, "all or nothing");
    assert!(!store.device(one).await.unwrap().unwrap().suspended);

    // Given up by its owner alone, once; what it signs is put aside.
    assert!(!store.end_console_key(one, HEAD, 7).await.unwrap());
    assert!(store.end_console_key(one, ADMIN, 7).await.unwrap());
    assert!(!store.end_console_key(one, ADMIN, 8).await.unwrap());
    assert!(store.device(one).await.unwrap().unwrap().suspended);

    // The next one ends with its account.
    assert!(put(two, ADMIN, 9).await);
    assert_eq!(store.revoke_account(ADMIN, HEAD, 10).await.unwrap(), Revoked::Done);
    assert!(store.device(two).await.unwrap().unwrap().suspended);
    assert!(!put(DeviceId([3; 8]), ADMIN, 11).await, "of a revoked account");
    let keys = store.console_keys().await.unwrap();
    let found: Vec<_> = keys.iter().map(|key| (key.device, key.account, key.ended_ms)).collect();
    assert_eq!(found, [(one, ADMIN, Some(7)), (two, ADMIN, Some(10))]);
    let acts = store.console_acts(20).await.unwrap();
    let did = |what: &str| acts.iter().filter(|act| act.what == what).count();
    assert_eq!((did("key_made"), did("key_ended")), (2, 1));
}
