use super::*;

fn codes() -> Vec<ShortCode> {
    let ids =
        [[0; 8], [0xff; 8], [1, 2, 3, 4, 5, 6, 7, 8], [0x9a, 0x31, 0x07, 0xe2, 0x5c, 0, 0, 0]];
    ids.into_iter().map(|id| ShortCode::derive_from(CardId(id))).collect()
}

fn text_of(symbols: [u8; SYMBOLS]) -> String {
    symbols.iter().map(|symbol| char::from(ALPHABET[usize::from(*symbol)])).collect()
}

#[test]
fn parses_what_it_prints() {
    for code in codes() {
        let text = code.to_string();
        assert_eq!(text.len(), 12);
        assert_eq!(ShortCode::parse(&text), Ok(code));
        assert!(looks_like_code(&text));
    }
    let card = CardId([1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(ShortCode::derive_from(card).to_string(), "0410-6105-8F");
    assert!(ShortCode::derive_from(card).matches(CardId([1, 2, 3, 4, 5, 0, 0, 0])));
    assert!(!ShortCode::derive_from(card).matches(CardId([1, 2, 3, 4, 6, 6, 7, 8])));
}

#[test]
fn catches_every_single_substitution() {
    for code in codes() {
        for at in 0..SYMBOLS {
            for other in (0..32).filter(|other| *other != code.symbols()[at]) {
                let mut symbols = code.symbols();
                symbols[at] = other;
                let parsed = ShortCode::parse(&text_of(symbols));
                assert_eq!(parsed, Err(CodeRejection::Mistyped), "{code}, position {at}");
            }
        }
    }
}

#[test]
fn catches_every_pair_of_substitutions_and_every_swap() {
    for code in codes() {
        let right = code.symbols();
        for (first, second) in (0..SYMBOLS).flat_map(|a| (0..a).map(move |b| (a, b))) {
            for (one, other) in (0..32).flat_map(|one| (0..32).map(move |other| (one, other))) {
                let mut symbols = right;
                (symbols[first], symbols[second]) = (one, other);
                let parsed = ShortCode::parse(&text_of(symbols));
                assert_eq!(parsed.is_ok(), symbols == right, "{code}, {first} and {second}");
            }
            let mut swapped = right;
            swapped.swap(first, second);
            assert_eq!(ShortCode::parse(&text_of(swapped)).is_ok(), swapped == right);
        }
    }
}

#[test]
fn forgives_what_cannot_be_confused() {
    let code = ShortCode::derive_from(CardId([0x08, 0x42, 0x0a, 0xb5, 0xc8, 0, 0, 0]));
    let text = code.to_string();
    let slurred = text.to_lowercase().replace('0', "o").replace('1', "l").replace('-', " – ");
    assert_eq!(ShortCode::parse(&format!("  {slurred}\n")), Ok(code));
    assert_eq!(ShortCode::parse(&text.replace('1', "I").replace('0', "O")), Ok(code));
    let cyrillic = text.chars().map(|character| match character {
        'A' => 'А',
        'B' => 'в',
        'C' => 'С',
        'E' => 'е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'P' => 'Р',
        'T' => 'т',
        'X' => 'Х',
        'Y' => 'у',
        '0' => 'О',
        '1' => 'І',
        other => other,
    });
    assert_eq!(ShortCode::parse(&cyrillic.collect::<String>()), Ok(code));
}

#[test]
fn names_the_first_thing_wrong() {
    let unknown = |position| Err(CodeRejection::UnknownCharacter { position });
    assert_eq!(ShortCode::parse("0000-U000-00"), unknown(5));
    assert_eq!(ShortCode::parse("Ж"), unknown(1));
    assert_eq!(ShortCode::parse(""), Err(CodeRejection::WrongLength { found: 0 }));
    assert_eq!(ShortCode::parse("0000-0000-0"), Err(CodeRejection::WrongLength { found: 9 }));
    assert_eq!(ShortCode::parse("0000-0000-000"), Err(CodeRejection::WrongLength { found: 11 }));
}

#[test]
fn tells_a_code_from_the_text_of_a_card() {
    assert!(looks_like_code("0000-0000-0") && looks_like_code("uuuuuuuuuu"));
    for text in ["", "OB1:6BFOXN", "https://a.kz", "0000 000", &"0".repeat(13), "Алматы"] {
        assert!(!looks_like_code(text), "{text}");
    }
}
