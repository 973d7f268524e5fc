use attendance::{
    ANSWER_PREFIX, CARD_PREFIX, CHALLENGE_PREFIX, CardRejection, QrText, ROTATING_PREFIX, Shown,
    ShownRejection, issue_card,
};

use crate::fixture::{answer, card_with_holder, challenge, claims, issuer, rotating};

const PREFIXES: [&str; 4] = [CARD_PREFIX, ANSWER_PREFIX, CHALLENGE_PREFIX, ROTATING_PREFIX];

fn rotating_texts() -> [String; 2] {
    [rotating().short_text(), rotating().text_with(&card_with_holder()).expect("fixed input")]
}

fn answer_texts() -> [String; 2] {
    [answer().short_text(), answer().text_with(&card_with_holder()).expect("fixed input")]
}

#[test]
fn tells_the_four_kinds_of_text_apart() {
    let card = issue_card(&issuer(), &claims()).unwrap().text;
    assert!(matches!(Shown::parse(&card), Ok(Shown::Card(_))));
    for text in rotating_texts() {
        assert!(matches!(Shown::parse(&text), Ok(Shown::Rotating(_))), "{text}");
    }
    for text in answer_texts() {
        assert!(matches!(Shown::parse(&text), Ok(Shown::Answer(_))), "{text}");
    }
    assert!(matches!(Shown::parse(&challenge().text()), Ok(Shown::Challenge(_))));
    let line = format!(" {}\r\n", challenge().text());
    assert!(matches!(Shown::parse(&line), Ok(Shown::Challenge(_))));
}

#[test]
fn refuses_a_body_under_the_prefix_of_another_kind() {
    let card = issue_card(&issuer(), &claims()).unwrap().text;
    let [rotating, _] = rotating_texts();
    let [answer, _] = answer_texts();
    for text in [card, rotating, answer, challenge().text()] {
        for prefix in PREFIXES.iter().filter(|prefix| !text.starts_with(**prefix)) {
            let body: String = text.chars().skip(prefix.len()).collect();
            let moved = format!("{prefix}{body}");
            assert_eq!(Shown::parse(&moved).unwrap_err().code(), "malformed", "{moved}");
        }
    }
}

#[test]
fn calls_what_another_version_shows_unknown_and_not_foreign() {
    let unknown = Err(ShownRejection::Card(CardRejection::UnknownVersion));
    for text in ["OB0:BB8", "OB2:BB8", "OB3:", "OB4:!", "OB5:BB8", "OB6:BB8"] {
        assert_eq!(Shown::parse(text), unknown, "{text}");
    }
    let foreign = Err(ShownRejection::Card(CardRejection::Foreign));
    for text in ["", "https://example.org", "OB:BB8", "OBX:BB8", "ob9:BB8"] {
        assert_eq!(Shown::parse(text), foreign, "{text}");
    }
}

/// What a reader that knows cards alone says of the newer kinds.
#[test]
fn lets_a_reader_of_cards_alone_ask_for_an_update() {
    let [rotating, _] = rotating_texts();
    let [answer, _] = answer_texts();
    for text in [rotating, answer, challenge().text()] {
        assert_eq!(QrText::parse(&text), Err(CardRejection::UnknownVersion), "{text}");
    }
}
