//! The console over HTTP, without a browser: what is sent with every page, whose forms count, how long
//! somebody is signed in, and who may see what. Passkeys are in `e2e::console`, signing in `signing`.

mod admission;
mod drafts;
mod money;
mod records;
mod signing;
mod tables;

use attendance::Duty;
use reqwest::{Method, StatusCode};
use seal::Hash;
use server::ServerConfig;
use system_tests::{Town, district, the_district};

const MINUTE_MS: i64 = 60_000;

/// A town whose console is open.
struct Office {
    town: Town,
    link: String,
    now_ms: i64,
}

/// One person's browser, without its passkeys: cookies, and what its pages say.
#[derive(Default)]
struct Person {
    cookies: Vec<(String, String)>,
    word: String,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl Office {
    async fn open() -> Self {
        Self::open_with(ServerConfig::default()).await
    }

    async fn open_with(config: ServerConfig) -> Self {
        Self::of(Town::found_with(config).await).await
    }

    async fn of(town: Town) -> Self {
        let link = open_console(&town).await.expect("nobody has an account");
        let now_ms = district::FIRST_MORNING_MS + 3_600_000;
        Self { town, link, now_ms }
    }

    fn later(&mut self, by_ms: i64) {
        self.now_ms += by_ms;
        self.town.set_clock(self.now_ms);
    }

    /// Puts a person into the database who has never been here, with one recovery code.
    fn hire(&self, number: u8, duty: Duty) -> String {
        let provider = (duty == Duty::ProviderAdmin).then_some(&district::CHESS_HOUSE.0[..]);
        let code: String = "0123456789abcde".chars().chain([char::from(b'0' + number)]).collect();
        let hash = seal::sha256_of(&[b"qatysu/console/code", code.as_bytes()]);
        let (account, database) = ([number; 16], self.town.database());
        database
            .execute(
                "INSERT INTO console_account (account, name, duty, provider, made_ms)
                 VALUES (?1, ?2, ?3, ?4, 1)",
                rusqlite::params![account, format!("Person {number}"), duty.name(), provider],
            )
            .expect("an account");
        database
            .execute(
                "INSERT INTO console_recovery (code_hash, account) VALUES (?1, ?2)",
                rusqlite::params![hash.0, account],
            )
            .expect("a code");
        code
    }

    async fn signed_in(&self, number: u8, duty: Duty) -> Person {
        let code = self.hire(number, duty);
        let mut person = Person::default();
        assert_eq!(person.get(self, "/console/recover").await.status, StatusCode::OK);
        let answer = person.post(self, "/console/recover/use", &[("code", &code)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        assert_eq!(person.get(self, "/console/account").await.status, StatusCode::OK);
        person
    }

    fn origin(&self) -> String {
        origin(&self.town)
    }
}

fn origin(town: &Town) -> String {
    let port = town.address().rsplit(':').next().expect("a port").to_owned();
    format!("http://localhost:{port}")
}

async fn open_console(town: &Town) -> Option<String> {
    let first = town.server().open_console(&origin(town)).await.expect("the console opens");
    first.map(|link| link.url.strip_prefix(&origin(town)).expect("of the console").to_owned())
}

impl Person {
    async fn get(&mut self, office: &Office, place: &str) -> Answer {
        self.ask(office, Method::GET, place, &[], &[]).await
    }

    /// Sends a form as its page does.
    async fn post(&mut self, office: &Office, place: &str, fields: &[(&str, &str)]) -> Answer {
        let word = self.word.clone();
        let mut all = vec![("form_word", word.as_str())];
        all.extend_from_slice(fields);
        let origin = office.origin();
        self.ask(office, Method::POST, place, &[("origin", &origin)], &all).await
    }

    async fn ask(
        &mut self,
        office: &Office,
        method: Method,
        place: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
        let body = (!fields.is_empty()).then(|| pairs.collect::<Vec<_>>().join("&"));
        let mut all = headers.to_vec();
        all.extend(body.is_some().then_some(("content-type", "application/x-www-form-urlencoded")));
        self.send(office, method, place, &all, body).await
    }

    /// Sends what a page's script does.
    async fn tell(&mut self, office: &Office, place: &str, body: &serde_json::Value) -> Answer {
        let (word, origin) = (self.word.clone(), office.origin());
        let headers = [
            ("origin", origin.as_str()),
            ("x-qatysu-form", &word),
            ("content-type", "application/json"),
        ];
        self.send(office, Method::POST, place, &headers, Some(body.to_string())).await
    }

    async fn send(
        &mut self,
        office: &Office,
        method: Method,
        place: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        sync_client::use_ring();
        let client = client.build().expect("a client");
        let mut request = client.request(method, format!("{}{place}", office.town.address()));
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header("cookie", cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie is text");
            assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
            let (name, rest) = cookie.split_once('=').expect("a name");
            let value = rest.split(';').next().expect("a value").to_owned();
            self.cookies.retain(|(of, _)| of != name);
            self.cookies.push((name.to_owned(), value));
        }
        let body = answer.text().await.expect("a body");
        if let Some((_, rest)) = body.split_once("name=\"form_word\" value=\"") {
            rest.split('"').next().expect("a word").clone_into(&mut self.word);
        }
        Answer { status, headers, body }
    }

    /// Says whether somebody is still signed in.
    async fn is_in(&mut self, office: &Office) -> bool {
        self.get(office, "/console/account").await.status == StatusCode::OK
    }
}

#[tokio::test]
async fn first_link_holds_for_ten_minutes_and_only_its_hash_is_kept() {
    let mut office = Office::open().await;
    let (mut person, link) = (Person::default(), office.link.clone());
    let secret = link.rsplit('/').next().expect("a secret").to_owned();
    assert_eq!(person.get(&office, &link).await.status, StatusCode::OK);
    let wrong = link.replace(&secret, &"A".repeat(secret.len()));
    assert_eq!(person.get(&office, &wrong).await.status, StatusCode::NOT_FOUND);
    let kept: Vec<u8> = office
        .town
        .database()
        .query_row("SELECT secret_hash FROM console_link", [], |row| row.get(0))
        .expect("one link");
    assert_eq!(kept.len(), 32);
    let file = std::fs::read(office.town.server_dir().join("server.db")).expect("the database");
    let log = std::fs::read(office.town.server_dir().join("server.db-wal")).unwrap_or_default();
    for bytes in [file, log] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    // Opening it uses nothing up, and its question needs the page's own word.
    let question = format!("{link}/passkey");
    let asked = person.post(&office, &question, &[]).await;
    assert!(asked.body.contains("\"residentKey\":\"required\""), "{}", asked.body);
    office.later(10 * MINUTE_MS - 1);
    assert_eq!(person.get(&office, &link).await.status, StatusCode::OK);
    office.later(1);
    assert_eq!(person.get(&office, &link).await.status, StatusCode::NOT_FOUND);
    assert_eq!(person.post(&office, &question, &[]).await.status, StatusCode::UNAUTHORIZED);

    // Another start gives another link; the one before holds no more.
    office.town.stop_server().await;
    office.town.start_server().await;
    let next = open_console(&office.town).await.expect("still nobody");
    assert_ne!(next, link);
    assert_eq!(office.town.count("console_link"), 1);
    assert_eq!(person.get(&office, &next).await.status, StatusCode::OK);
    // Once somebody has an account there is none.
    office.hire(1, Duty::IssuerHead);
    office.town.stop_server().await;
    office.town.start_server().await;
    assert_eq!(open_console(&office.town).await, None);
}

#[tokio::test]
async fn without_an_open_console_there_is_nothing() {
    let town = Town::found().await;
    for place in ["/console", "/console/sign-in", "/console/console.css"] {
        let answer = system_tests::http_client().get(format!("{}{place}", town.address())).send();
        assert_eq!(answer.await.expect("an answer").status(), StatusCode::NOT_FOUND, "{place}");
    }
}

/// Every page, with what a head sees there.
const PAGES: [(&str, u16); 29] = [
    ("/console/console.css", 200),
    ("/console/passkeys.js", 200),
    ("/console/signing.js", 200),
    ("/console/key", 200),
    ("/console/signed/nothing", 404),
    ("/console/transparency", 200),
    ("/console/nowhere/at/all", 404),
    ("/console/sign-in", 303),
    ("/console/recover", 200),
    ("/console/link/nothing", 404),
    ("/console", 303),
    ("/console/account", 200),
    ("/console/accounts", 200),
    ("/console/months", 200),
    ("/console/months/2026-09", 200),
    ("/console/months/2031-01", 404),
    ("/console/months/never", 400),
    ("/console/signals/2026-09", 200),
    ("/console/registries", 200),
    ("/console/registry/2026-09.csv", 404),
    ("/console/groups", 200),
    ("/console/providers", 200),
    ("/console/admission", 200),
    ("/console/staff", 200),
    ("/console/drafts", 200),
    ("/console/vouchers?number=TEST-2026-0001", 200),
    ("/console/budget?year=2026", 200),
    ("/console/parameters", 200),
    ("/console/calendar", 200),
];

#[tokio::test]
async fn every_answer_forbids_what_no_page_needs() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    for (place, status) in PAGES {
        let answer = head.get(&office, place).await;
        assert_eq!(answer.status.as_u16(), status, "{place}: {}", answer.body);
        let header = |name: &str| {
            let found = answer.headers.get(name).and_then(|value| value.to_str().ok());
            found.unwrap_or_default().to_owned()
        };
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{place}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{place}: {policy}");
        assert!(!policy.contains("unsafe"), "{place}: {policy}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{place}");
        assert_eq!(header("referrer-policy"), "same-origin", "{place}");
        assert_eq!(header("cache-control"), "no-store", "{place}");
        // The policy would stop what is within a page; a page that has it would be broken.
        for within in [" style=", " onclick=", "<style", "javascript:"] {
            assert!(!answer.body.contains(within), "{place} has {within}");
        }
        let scripts = answer.body.matches("<script").count();
        assert_eq!(scripts, answer.body.matches("<script src=\"/console/").count(), "{place}");
    }
}

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let other = office.signed_in(2, Duty::IssuerHead).await;
    let (own, origin) = (head.word.clone(), office.origin());
    let foreign = other.word.clone();
    assert_ne!(own, foreign);
    let evil = "https://evil.example";
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], &own),
        (&[("origin", evil)], &own),
        (&[("origin", "null")], &own),
        (&[("origin", &origin)], ""),
        (&[("origin", &origin)], &foreign),
        (&[("origin", evil), ("x-qatysu-form", &own)], ""),
    ];
    let invite = [("name", "Mallory"), ("duty", "issuer_head"), ("provider", "")];
    for (headers, word) in cases {
        for place in ["/console/accounts/invite", "/console/sign-out", "/console/account/codes"] {
            let mut fields = vec![("form_word", word)];
            fields.extend(invite);
            let answer = head.ask(&office, Method::POST, place, headers, &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{place} {headers:?}");
        }
    }
    let links = "console_link WHERE made_by IS NOT NULL";
    assert_eq!(office.town.count(links), 0);
    assert_eq!(office.town.count("console_act WHERE what = 'codes_replaced'"), 0);
    assert!(head.is_in(&office).await, "nobody else signs anybody out");
    // The page's own form does it.
    let made = head.post(&office, "/console/accounts/invite", &invite).await;
    assert!(made.body.contains("data-testid=\"link\""), "{}", made.body);
    assert_eq!(office.town.count(links), 1);
}

#[tokio::test]
async fn a_session_ends_by_itself_by_hand_and_with_its_account() {
    let mut office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    // Away for too long.
    office.later(30 * MINUTE_MS);
    assert!(head.is_in(&office).await);
    office.later(30 * MINUTE_MS + 1);
    assert!(!head.is_in(&office).await);
    assert_eq!(office.town.count("console_session"), 0);
    // Always there: twelve hours.
    let mut busy = office.signed_in(2, Duty::IssuerSpecialist).await;
    for _ in 0..24 {
        assert!(busy.is_in(&office).await);
        office.later(30 * MINUTE_MS);
    }
    assert!(busy.is_in(&office).await);
    office.later(1);
    assert!(!busy.is_in(&office).await);
    // Signed out: the cookie is worth nothing any more.
    let mut out = office.signed_in(3, Duty::Treasury).await;
    let cookies = out.cookies.clone();
    let answer = out.post(&office, "/console/sign-out", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    out.cookies = cookies;
    assert!(!out.is_in(&office).await);
    // Revoked by another: at once.
    let mut admin = office.signed_in(4, Duty::ProviderAdmin).await;
    let mut head = office.signed_in(5, Duty::IssuerHead).await;
    assert!(admin.is_in(&office).await);
    let place = format!("/console/accounts/{}", "04".repeat(16));
    let sure = head.get(&office, &format!("{place}/revoke")).await;
    assert!(sure.body.contains("Person 4"), "{}", sure.body);
    assert!(admin.is_in(&office).await, "a question changes nothing");
    head.post(&office, &format!("{place}/revoked"), &[]).await;
    assert!(!admin.is_in(&office).await);
    let by = "console_act WHERE what = 'account_revoked' AND account = x'05050505050505050505050505050505'";
    assert_eq!(office.town.count(by), 1);
    // Somebody is always left who may let others in.
    for number in ["01", "05"] {
        let place = format!("/console/accounts/{}/revoked", number.repeat(16));
        head.get(&office, "/console/account").await;
        head.post(&office, &place, &[]).await;
    }
    assert!(head.is_in(&office).await);
}

#[tokio::test]
async fn a_code_works_once_and_guesses_are_counted() {
    let office = Office::open().await;
    let code = office.hire(1, Duty::IssuerHead);
    let kept: Vec<u8> = office
        .town
        .database()
        .query_row("SELECT code_hash FROM console_recovery", [], |row| row.get(0))
        .expect("one code");
    assert_ne!(Hash(kept.try_into().expect("a hash")), seal::sha256(code.as_bytes()));
    let mut person = Person::default();
    person.get(&office, "/console/recover").await;
    let door = person.cookies.clone();
    let used = person.post(&office, "/console/recover/use", &[("code", &code)]).await;
    assert_eq!(used.status, StatusCode::SEE_OTHER);
    assert!(person.is_in(&office).await);
    let mut thief = Person { cookies: door, word: String::new() };
    assert!(!thief.is_in(&office).await, "who is signed in has a name that nobody had before");
    thief.get(&office, "/console/recover").await;
    let again = thief.post(&office, "/console/recover/use", &[("code", &code)]).await;
    assert!(again.body.contains("code-refused"), "{}", again.body);
    let mut refused = 0;
    for number in 0..60 {
        let guess = format!("0000-0000-0000-{number:04}");
        let answer = thief.post(&office, "/console/recover/use", &[("code", &guess)]).await;
        refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!((15..=25).contains(&refused), "{refused} of 60 guesses in one moment were not heard");
}

/// Who may see what, by duty: head, specialist, commission, Treasury, coordinator, a provider's
/// administrator, nobody. Written by hand from the rules (R8) and the rows beside them.
const MAY: &str = "
    /console/transparency                 yes yes yes yes yes yes yes
    /console/account                      yes yes yes yes yes yes in
    /console/key                          yes yes yes yes yes yes in
    /console/accounts                     yes no  no  no  no  no  in
    /console/months                       yes yes no  no  yes yes in
    /console/months/2026-09               yes yes no  no  yes yes in
    /console/providers                    yes yes no  no  yes yes in
    /console/admission                    yes yes no  no  yes yes in
    /console/staff                        yes yes no  no  yes yes in
    /console/groups                       yes yes no  no  yes yes in
    /console/vouchers?number=TEST-2026-0001    yes yes no  yes no  no  in
    /console/signals/2026-09              yes yes no  yes no  no  in
    /console/registries                   yes yes no  yes no  no  in
    /console/registry/2026-09.csv         yes yes no  yes no  no  in
    /console/budget                       yes yes no  yes no  no  in
    /console/parameters                   yes yes no  yes no  no  in
    POST /console/parameters/tried        yes yes no  yes no  no  no
    /console/calendar                     yes yes no  yes no  no  in
    /console/drafts                       yes yes no  no  no  no  in
    POST /console/drafts/lay              yes yes no  no  no  no  no
    POST /console/drafts/end              in  in  no  no  no  no  no
    POST /console/budget/sure             yes yes no  no  no  no  no
    POST /console/budget/write            yes no  no  no  no  no  no
    POST /console/parameters/sure         yes yes no  no  no  no  no
    POST /console/parameters/write        yes no  no  no  no  no  no
    POST /console/calendar/sure           yes yes no  no  no  no  no
    POST /console/calendar/write          yes no  no  no  no  no  no
    POST /console/groups/sure             yes yes no  no  no  no  no
    POST /console/groups/write            yes no  no  no  no  no  no
    POST /console/vouchers/sure           yes yes no  no  no  no  no
    POST /console/vouchers/write          yes no  no  no  no  no  no
    POST /console/admission/sure          yes yes no  no  no  no  no
    POST /console/admission/write         yes no  no  no  no  no  no
    POST /console/accounts/invite         yes no  no  no  no  no  no
    POST /console/key/ask                 yes no  no  no  no  yes no
    POST /console/months/sign             yes no  no  no  no  yes no
    POST /console/months/decide           yes no  no  no  no  no  no
    POST /console/providers/decide        yes no  no  no  no  no  no
    POST /console/vouchers/decide         yes no  no  no  no  no  no
    /console/undecided                    yes no  no  no  no  no  in
    /console/payments                     yes no  no  no  no  no  in
    /console/holds                        yes no  no  no  no  no  in
    POST /console/payments/judged         yes no  no  no  no  no  no
    POST /console/payments/sign           yes no  no  no  no  no  no
    POST /console/months/close            yes no  no  no  no  no  no
    POST /console/undecided/decide        yes no  no  no  no  no  no
    POST /console/holds/decide            yes no  no  no  no  no  no
    POST /console/vouchers/paper          yes no  no  no  no  no  no
    POST /console/vouchers/again          yes no  no  no  no  no  no
    POST /console/sign/bytes              yes yes yes yes yes yes no
    POST /console/sign/put                yes yes yes yes yes yes no";

#[tokio::test]
async fn pages_answer_the_duties_that_they_should_and_no_other() {
    let office = Office::open().await;
    let duties = [
        Duty::IssuerHead,
        Duty::IssuerSpecialist,
        Duty::Commission,
        Duty::Treasury,
        Duty::Coordinator,
        Duty::ProviderAdmin,
    ];
    let mut people = Vec::new();
    for (number, duty) in (1..).zip(duties) {
        people.push(office.signed_in(number, duty).await);
    }
    let mut nobody = Person::default();
    nobody.get(&office, "/console/sign-in").await;
    people.push(nobody);
    let mut wrong = Vec::new();
    for line in MAY.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (post, line) = line.strip_prefix("POST ").map_or((false, line), |line| (true, line));
        let words: Vec<&str> = line.split_whitespace().collect();
        let [place, cells @ ..] = &words[..] else { panic!("{line}") };
        assert_eq!(cells.len(), people.len(), "{line}");
        for (expected, person) in cells.iter().zip(&mut people) {
            let answer = if post {
                person.post(&office, place, &[("month", "2026-09")]).await
            } else {
                person.get(&office, place).await
            };
            let found = match answer.status.as_u16() {
                303 => "in",
                401 | 403 => "no",
                500.. => panic!("{place}: {}", answer.body),
                _ => "yes",
            };
            if found != *expected {
                wrong.push(format!("{place}: {found} instead of {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn an_administrator_sees_the_own_provider_alone_and_every_look_is_kept() {
    let office = Office::open().await;
    let mut admin = office.signed_in(1, Duty::ProviderAdmin).await;
    for place in ["months", "months/2026-09", "providers", "groups", "admission"] {
        let page = admin.get(&office, &format!("/console/{place}")).await;
        assert!(page.body.contains("Invented chess house"), "{place}: {}", page.body);
        assert!(!page.body.contains("Invented judo club"), "{place}: {}", page.body);
    }
    let who = "account = x'01010101010101010101010101010101' AND role = 'provider_admin'";
    let seen = format!("view_log WHERE {who} AND what = 'sheets'");
    assert_eq!(office.town.count(&format!("{seen} AND why = 'read_board: own_provider'")), 3);
    assert_eq!(office.town.count(&format!("{seen} AND child = x'{}'", "04".repeat(12))), 0);

    let mut head = office.signed_in(2, Duty::IssuerHead).await;
    for place in ["months/2026-09", "vouchers?number=TEST-2026-0001", "signals/2026-09"] {
        let page = head.get(&office, &format!("/console/{place}")).await;
        assert_eq!(page.status, StatusCode::OK, "{place}");
    }
    let who =
        "view_log WHERE account = x'02020202020202020202020202020202' AND role = 'issuer_head'";
    assert_eq!(office.town.count(&format!("{who} AND what = 'sheets'")), 4);
    assert_eq!(office.town.count(&format!("{who} AND what = 'voucher'")), 1);
    assert_eq!(office.town.count(&format!("{who} AND what = 'signals' AND child IS NULL")), 1);
    let before = office.town.count("leaf");
    let tried = [("month", "2026-09"), ("name", "payout_policy"), ("value", "ENROLMENT")];
    let page = head.post(&office, "/console/parameters/tried", &tried).await;
    assert!(page.body.contains("data-testid=\"compared\""), "{}", page.body);
    assert_eq!(office.town.count(&format!("{who} AND what = 'statement'")), 1);
    assert_eq!(office.town.count("leaf"), before, "a trial changes nothing");
    let tried = [("month", "2026-09"), ("name", "no_such_rule"), ("value", "1")];
    let page = head.post(&office, "/console/parameters/tried", &tried).await;
    assert!(page.body.contains("data-testid=\"not-tried\""), "{}", page.body);
}

#[tokio::test]
async fn pages_are_read_in_three_languages_and_the_choice_is_remembered() {
    let office = Office::open().await;
    let mut person = Person::default();
    for (lang, title) in [("kk", "Консольге кіру"), ("ru", "Вход в консоль"), ("en", "Sign in")]
    {
        let page = person.get(&office, &format!("/console/sign-in?lang={lang}")).await;
        assert!(page.body.contains(title), "{lang}: {}", page.body);
        assert!(page.body.contains(&format!("<html lang=\"{lang}\">")));
        let page = person.get(&office, "/console/recover").await;
        assert!(page.body.contains(&format!("<html lang=\"{lang}\">")), "{lang} is remembered");
    }
    let hostile = "/console/vouchers?number=%3Cscript%3Ealert(1)%3C/script%3E";
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let page = head.get(&office, hostile).await;
    assert!(page.body.contains("&lt;script&gt;alert(1)") && !page.body.contains("<script>"));
}
