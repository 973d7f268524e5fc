//! The console: pages for the issuer and for providers. Plain HTML; one script hands passkeys over, another
//! signs with the browser's own key.
//!
//! A handler parses, calls one verb and writes a page. Who may see it is the table's
//! ([`access::Access`]); what a page tells of a child is written down before it goes.
//!
//! Absent on purpose: a framework in the browser, anything of another host, and styles or scripts within a
//! page: the policy of every answer forbids them.

mod access;
mod admission;
mod amend;
mod calendar;
mod closing;
mod doors;
mod drafts;
mod forms;
mod frame;
mod holds;
mod keys;
mod menu;
mod money;
mod months;
mod payments;
mod people;
mod plan;
mod public;
mod rules;
mod sign;
mod signals;
mod staff;
mod statement;
mod tables;
mod undecided;
mod volumes;
mod vouchers;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};

use self::access::{Access, Visitor};
use crate::server::Server;

/// Gives the console's routes. Where no console is open there is nothing at any of them.
pub(super) fn router(server: &Arc<Server>) -> Router<Arc<Server>> {
    let mut router = Router::new();
    for (path, access, route) in routes() {
        router = router.route(path, access.guard(server, route));
    }
    router
}

/// Lists every route, with who may ask for it.
fn routes() -> Vec<(&'static str, Access, MethodRouter<Arc<Server>>)> {
    use access::Access::*;
    use attendance::Action::*;
    vec![
        // Files, and what anybody may know.
        ("/console/console.css", Anybody, get(style)),
        ("/console/passkeys.js", Anybody, get(script)),
        ("/console/signing.js", Anybody, get(signing_script)),
        ("/console/files.js", Anybody, get(files_script)),
        ("/console/transparency", Anybody, get(public::transparency)),
        ("/console/{*place}", Anybody, get(nowhere)),
        // Ways in.
        ("/console/sign-in", Anybody, get(doors::sign_in)),
        ("/console/passkey/ask", Door, post(doors::ask_passkey)),
        ("/console/passkey/show", Door, post(doors::show_passkey)),
        ("/console/link/{secret}", Door, get(doors::link)),
        ("/console/link/{secret}/passkey", Door, post(doors::ask_new_passkey)),
        ("/console/passkey/keep", Door, post(doors::keep_passkey)),
        ("/console/recover", Anybody, get(doors::recover)),
        ("/console/recover/use", Door, post(doors::use_code)),
        // The own account.
        ("/console", SignedIn, get(doors::begin)),
        ("/console/account", SignedIn, get(doors::account)),
        ("/console/account/passkey", SignedIn, post(doors::ask_another_passkey)),
        ("/console/account/codes", SignedIn, post(doors::new_codes)),
        ("/console/sign-out", SignedIn, post(doors::sign_out)),
        // The own browser's key, and what it signs: which events, its certificate and the table say again.
        ("/console/key", SignedIn, get(keys::page)),
        ("/console/key/ask", SignedIn, post(keys::ask)),
        ("/console/key/keep", SignedIn, post(keys::keep)),
        ("/console/key/end", SignedIn, post(keys::end)),
        ("/console/months/sign", May(SignSheet), post(sign::ask)),
        ("/console/months/decide", May(DecideSheet), post(sign::ask)),
        ("/console/providers/decide", May(SuspendProvider), post(sign::ask)),
        ("/console/vouchers/decide", May(SetVoucher), post(sign::ask)),
        ("/console/vouchers/paper", May(MoveVoucher), post(sign::ask)),
        ("/console/vouchers/again", May(DecideMoney), post(sign::ask)),
        ("/console/months/close", May(CloseMonth), post(sign::ask)),
        ("/console/payments/sign", May(EnterPayment), post(sign::ask)),
        ("/console/undecided/decide", May(DecideVisit), post(sign::ask)),
        ("/console/holds/decide", May(DecideMoney), post(sign::ask)),
        ("/console/sign/bytes", SignedIn, post(sign::bytes)),
        ("/console/sign/put", SignedIn, post(sign::put)),
        ("/console/signed/{event}", SignedIn, get(sign::signed)),
        ("/console/signed/{event}/receipt.json", SignedIn, get(sign::receipt)),
        // Who may sign in.
        ("/console/accounts", May(AdmitAccount), get(people::accounts)),
        ("/console/accounts/invite", May(AdmitAccount), post(people::invite)),
        ("/console/accounts/{account}/revoke", May(AdmitAccount), get(people::ask_revoke)),
        ("/console/accounts/{account}/revoked", May(AdmitAccount), post(people::revoke)),
        // What the log says.
        ("/console/months", May(ReadBoard), get(months::months)),
        ("/console/months/{month}", May(ReadBoard), get(months::sheets)),
        ("/console/payments", May(EnterPayment), get(payments::page)),
        ("/console/payments/judged", May(EnterPayment), post(payments::judged)),
        ("/console/undecided", May(DecideVisit), get(undecided::page)),
        ("/console/holds", May(DecideMoney), get(holds::page)),
        ("/console/registries", May(ReadMonth), get(months::registries)),
        ("/console/registry/{file}", May(ReadMonth), get(months::registry)),
        ("/console/signals/{month}", May(ReadMonth), get(signals::signals)),
        ("/console/signals/{month}/note", May(ReadMonth), post(signals::note)),
        ("/console/groups", May(ReadPlan), get(plan::groups)),
        ("/console/providers", May(ReadBoard), get(plan::providers)),
        ("/console/staff", May(ReadBoard), get(staff::page)),
        ("/console/admission", May(ReadBoard), get(admission::page)),
        ("/console/vouchers", May(ReadMonth), get(vouchers::vouchers)),
        ("/console/budget", May(ReadMonth), get(money::budget)),
        ("/console/parameters", May(ReadMonth), get(rules::parameters)),
        ("/console/parameters/tried", May(ReadMonth), post(rules::tried)),
        ("/console/calendar", May(ReadMonth), get(calendar::page)),
        ("/console/drafts", Prepares, get(drafts::page)),
        ("/console/drafts/lay", Prepares, post(drafts::lay)),
        ("/console/drafts/end", Prepares, post(drafts::end)),
        ("/console/budget/sure", Prepares, post(amend::ask)),
        ("/console/budget/write", May(ChangeParameters), post(amend::write)),
        ("/console/parameters/sure", Prepares, post(amend::ask)),
        ("/console/parameters/write", May(ChangeParameters), post(amend::write)),
        ("/console/calendar/sure", Prepares, post(amend::ask)),
        ("/console/calendar/write", May(ChangeParameters), post(amend::write)),
        ("/console/groups/sure", Prepares, post(amend::ask)),
        ("/console/groups/write", May(ChangeParameters), post(amend::write)),
        ("/console/vouchers/sure", Prepares, post(amend::ask)),
        ("/console/vouchers/write", May(ChangeParameters), post(amend::write)),
        ("/console/admission/sure", Prepares, post(amend::ask)),
        ("/console/admission/write", May(ChangeParameters), post(amend::write)),
    ]
}

/// The app's tokens, and what the console makes of them.
async fn style() -> Response {
    const STYLE: &str = concat!(
        include_str!("../../../../src-ui/styles/tokens.css"),
        include_str!("console/console.css")
    );
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn script() -> Response {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], include_str!("console/passkeys.js")).into_response()
}

async fn signing_script() -> Response {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], include_str!("console/signing.js")).into_response()
}

async fn files_script() -> Response {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], include_str!("console/files.js")).into_response()
}

async fn nowhere(visitor: Visitor) -> Response {
    frame::refused(&visitor, axum::http::StatusCode::NOT_FOUND)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Written by hand from `docs/API.md`: every route of the console, and who may ask for it.
    const EXPECTED: &str = "
        GET  /console/console.css                anybody
        GET  /console/passkeys.js                anybody
        GET  /console/signing.js                 anybody
        GET  /console/files.js                anybody
        GET  /console/transparency               anybody
        GET  /console/{*place}                   anybody
        GET  /console/sign-in                    anybody
        GET  /console/recover                    anybody
        POST /console/passkey/ask                door
        POST /console/passkey/show               door
        GET  /console/link/{secret}              door
        POST /console/link/{secret}/passkey      door
        POST /console/passkey/keep               door
        POST /console/recover/use                door
        GET  /console                            signed in
        GET  /console/account                    signed in
        POST /console/account/passkey            signed in
        POST /console/account/codes              signed in
        POST /console/sign-out                   signed in
        GET  /console/key                        signed in
        POST /console/key/ask                    signed in
        POST /console/key/keep                   signed in
        POST /console/key/end                    signed in
        POST /console/months/sign                 SignSheet
        POST /console/months/decide               DecideSheet
        POST /console/providers/decide            SuspendProvider
        POST /console/vouchers/decide             SetVoucher
        POST /console/vouchers/paper              MoveVoucher
        POST /console/vouchers/again              DecideMoney
        POST /console/months/close                CloseMonth
        POST /console/payments/sign               EnterPayment
        POST /console/undecided/decide            DecideVisit
        POST /console/holds/decide                DecideMoney
        GET  /console/payments                    EnterPayment
        POST /console/payments/judged             EnterPayment
        GET  /console/undecided                   DecideVisit
        GET  /console/holds                       DecideMoney
        POST /console/sign/bytes                 signed in
        POST /console/sign/put                   signed in
        GET  /console/signed/{event}             signed in
        GET  /console/signed/{event}/receipt.json signed in
        GET  /console/accounts                   AdmitAccount
        POST /console/accounts/invite            AdmitAccount
        GET  /console/accounts/{account}/revoke  AdmitAccount
        POST /console/accounts/{account}/revoked AdmitAccount
        GET  /console/months                     ReadBoard
        GET  /console/months/{month}             ReadBoard
        GET  /console/providers                  ReadBoard
        GET  /console/admission                  ReadBoard
        GET  /console/staff                      ReadBoard
        GET  /console/groups                     ReadPlan
        GET  /console/registries                 ReadMonth
        GET  /console/registry/{file}            ReadMonth
        GET  /console/signals/{month}            ReadMonth
        POST /console/signals/{month}/note       ReadMonth
        GET  /console/vouchers                   ReadMonth
        GET  /console/budget                     ReadMonth
        GET  /console/parameters                 ReadMonth
        POST /console/parameters/tried           ReadMonth
        GET  /console/calendar                   ReadMonth
        GET  /console/drafts                      prepares
        POST /console/drafts/lay                  prepares
        POST /console/drafts/end                  prepares
        POST /console/budget/sure                  prepares
        POST /console/budget/write                 ChangeParameters
        POST /console/parameters/sure                  prepares
        POST /console/parameters/write                 ChangeParameters
        POST /console/calendar/sure                  prepares
        POST /console/calendar/write                 ChangeParameters
        POST /console/groups/sure                 prepares
        POST /console/groups/write                 ChangeParameters
        POST /console/vouchers/sure                 prepares
        POST /console/vouchers/write                 ChangeParameters
        POST /console/admission/sure                 prepares
        POST /console/admission/write                 ChangeParameters";

    #[test]
    fn every_route_says_who_may_ask() {
        let lines = EXPECTED.lines().map(str::trim).filter(|line| !line.is_empty());
        let expected: BTreeMap<&str, String> = lines
            .map(|line| {
                let (_, line) = line.split_once(' ').expect("a method");
                let (path, access) = line.trim().split_once(' ').expect("a path, and who");
                (path, access.trim().to_owned())
            })
            .collect();
        let words = |access: Access| match access {
            Access::Anybody => "anybody".to_owned(),
            Access::Door => "door".to_owned(),
            Access::SignedIn => "signed in".to_owned(),
            Access::Prepares => "prepares".to_owned(),
            Access::May(action) => format!("{action:?}"),
        };
        let routes = routes();
        let found: BTreeMap<&str, String> =
            routes.iter().map(|(path, access, _)| (*path, words(*access))).collect();
        assert_eq!((found.len(), found), (routes.len(), expected), "each route once");
    }
}
