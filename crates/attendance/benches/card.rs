//! How much dearer a card is than the one signature on it: from the scanner's text to `VerifiedCard`.
//!
//! `cargo bench -p attendance`. All are measured in turns in the same run; the last column is the
//! ratio to a bare verification, so that the speed of the machine does not matter. The target for a
//! static card is 1.3, with the trust list of one district as with that of a country.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use attendance::{
    CardClaims, CardId, ChildId, Holder, QrText, RotatingClaims, RotatingCode, Step, StepWindow,
    TrustEntry, TrustList, TrustRole, UnverifiedCard, UnverifiedRotating, VoucherId, issue_card,
};
use seal::{Sign1, Signer, SoftwareKey};

/// 2026-09-14T09:00:00Z.
const NOW_S: i64 = 1_789_376_400;
const WINDOW: StepWindow = StepWindow { steps: 1, skew_s: 0 };
const CARD: CardId = CardId([7; 8]);
const ROUNDS: usize = 2000;

fn main() {
    let (issuer, phone) = (key(11), key(31));
    let claims = claims();
    let paper = issue_card(&issuer, &claims).expect("a key");
    let with_holder = CardClaims { holder: Some(phone.public_key().to_bytes()), ..claims };
    let held = issue_card(&issuer, &with_holder).expect("a key");
    let (district, country) = (trust_list(1), trust_list(20));

    let step = Step::at(NOW_S * 1000).expect("after 1970");
    let code = RotatingClaims { card: CARD, step, nonce: [1, 2, 3, 4] };
    let code = RotatingCode::sign(&phone, code).expect("a key");
    let holder = Holder { card: CARD, key: phone.public_key() };
    let short = code.short_text();
    let card = UnverifiedCard::parse_bytes(&held.bytes).expect("it was just issued");
    let whole = code.text_with(&card).expect("the card's own code");

    let key = issuer.public_key();
    let message = Sign1::sig_structure(&[0; 13], b"qatysu/card/1", &[0; 60]);
    let signature = issuer.sign(&message).expect("a key");
    let verify = |text: &str, trust: &TrustList| {
        let read = QrText::parse(text).and_then(|text| UnverifiedCard::parse(&text));
        read.and_then(|card| card.verify(trust, NOW_S)).is_ok()
    };
    let mut rows = [
        Row::new("bare verification", 64, || key.verify(&message, &signature).is_ok()),
        Row::new("static card", paper.text.len(), || verify(&paper.text, &district)),
        Row::new("  of one of 20 issuers", paper.text.len(), || verify(&paper.text, &country)),
        Row::new("card with holder key", held.text.len(), || verify(&held.text, &district)),
        Row::new("rotating, card known", short.len(), || {
            let code = UnverifiedRotating::parse(&short);
            code.and_then(|code| code.verify(&holder, NOW_S * 1000, WINDOW)).is_ok()
        }),
        Row::new("rotating with its card", whole.len(), || {
            let code = UnverifiedRotating::parse(&whole);
            code.and_then(|code| code.verify_with_card(&district, NOW_S * 1000, WINDOW)).is_ok()
        }),
    ];
    for _ in 0..ROUNDS {
        rows.iter_mut().for_each(Row::measure);
    }
    println!("Median of {ROUNDS} verifications, from the text on.");
    println!("{:<24}{:>8}{:>12}{:>10}", "", "chars", "time", "ratio");
    let bare = rows[0].median().as_secs_f64();
    for row in &mut rows {
        let (median, chars) = (row.median(), row.chars);
        let ratio = median.as_secs_f64() / bare;
        println!("{:<24}{chars:>8}{:>12}{ratio:>10.2}", row.name, format!("{median:.1?}"));
    }
}

fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

fn claims() -> CardClaims {
    CardClaims {
        expires_at_s: 1_798_743_600,
        card: CARD,
        child: ChildId([8; 12]),
        voucher: VoucherId([9; 8]),
        status_index: 699_999,
        holder: None,
    }
}

/// The card's issuer comes last, after those of other regions, and each has its other keys.
fn trust_list(issuers: u8) -> TrustList {
    let roles = [
        TrustRole::DeviceCa,
        TrustRole::Log,
        TrustRole::Witness,
        TrustRole::Status,
        TrustRole::Rules,
    ];
    let others = roles.into_iter().zip(1..).map(|(role, seed)| entry(key(seed), role));
    let issuers = (0..issuers).rev().map(|n| entry(key(11 + n), TrustRole::CardIssuer));
    TrustList {
        version: 7,
        not_after_s: NOW_S + 86_400,
        entries: others.chain(issuers).collect(),
        witness_quorum: None,
    }
}

fn entry(key: SoftwareKey, role: TrustRole) -> TrustEntry {
    TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: "KZ-75".to_owned(),
        not_before_s: NOW_S - 86_400,
        not_after_s: NOW_S + 86_400,
    }
}

/// One row of the table.
struct Row<'a> {
    name: &'static str,
    chars: usize,
    verify: Box<dyn Fn() -> bool + 'a>,
    times: Vec<Duration>,
}

impl<'a> Row<'a> {
    fn new(name: &'static str, chars: usize, verify: impl Fn() -> bool + 'a) -> Self {
        Self { name, chars, verify: Box::new(verify), times: Vec::new() }
    }

    fn measure(&mut self) {
        #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
        let start = Instant::now();
        assert!(black_box((self.verify)()), "{} is refused", self.name);
        self.times.push(start.elapsed());
    }

    fn median(&mut self) -> Duration {
        self.times.sort_unstable();
        self.times[self.times.len() / 2]
    }
}
