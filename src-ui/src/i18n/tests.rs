//! The catalogues against each other, against the code, and against the plural rules.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use ipc::{AlarmCode, ErrorCode, NextSyncWhy, ParkedReason, RefusalCode};

use super::{
    Advice, Locale, Meaning, Sentence, Value,
    catalog::{Catalog, source},
};

#[test]
fn languages_have_the_same_keys_and_the_same_values_in_them() {
    let english = messages(Locale::En);
    for locale in [Locale::Kk, Locale::Ru] {
        let other = messages(locale);
        let keys = |of: &BTreeMap<String, BTreeSet<String>>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&english), keys(&other), "keys of {}", locale.tag());
        for (key, values) in &english {
            assert_eq!(values, &other[key], "values in {key} of {}", locale.tag());
        }
    }
}

#[test]
fn every_key_in_the_code_is_in_the_catalogue_and_no_other() {
    let in_catalogue: BTreeSet<String> = messages(Locale::En).into_keys().collect();
    let in_code = keys_in_code();
    assert!(in_code.len() > 100, "the search for keys finds them");
    let missing: Vec<_> = in_code.difference(&in_catalogue).collect();
    let extra: Vec<_> = in_catalogue.difference(&in_code).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
}

#[test]
fn every_refusal_and_error_has_its_own_sentence_in_every_language() {
    const ERRORS: [ErrorCode; 22] = [
        ErrorCode::Offline,
        ErrorCode::SignIn,
        ErrorCode::StorageFull,
        ErrorCode::HeadInDoubt,
        ErrorCode::LessonNotOpen,
        ErrorCode::NotAllowed,
        ErrorCode::NotFound,
        ErrorCode::MonthRefused,
        ErrorCode::WrongSum,
        ErrorCode::NotEnrolled,
        ErrorCode::TicketUnreadable,
        ErrorCode::TicketRefused,
        ErrorCode::ProofAlarm,
        ErrorCode::LogOlder,
        ErrorCode::HubRefused,
        ErrorCode::HubAway,
        ErrorCode::NotACarryFile,
        ErrorCode::OtherServer,
        ErrorCode::NeedsReason,
        ErrorCode::DocumentRefused,
        ErrorCode::BadRequest,
        ErrorCode::Broken,
    ];
    for locale in Locale::ALL {
        let catalog = Catalog::open(*locale);
        let refusals = RefusalCode::ALL.iter().map(|code| code.key());
        let alarms = AlarmCode::ALL.iter();
        let alarms =
            alarms.flat_map(|code| [code.key(), Meaning(*code).key(), Advice(*code).key()]);
        let errors = ERRORS.iter().map(|code| code.key());
        let next = NextSyncWhy::ALL.iter().map(|why| why.key());
        let parked = ParkedReason::ALL.iter().map(|why| why.key());
        let keys: Vec<_> = refusals.chain(errors).chain(alarms).chain(next).chain(parked).collect();
        let sentences: BTreeSet<_> = keys.iter().map(|key| catalog.format(key, &[])).collect();
        assert_eq!(sentences.len(), keys.len(), "a sentence each in {}", locale.tag());
        assert!(sentences.iter().all(|sentence| sentence.contains(' ')), "{}", locale.tag());
    }
}

#[test]
fn russian_bends_the_noun_after_the_number() {
    let russian = Catalog::open(Locale::Ru);
    let minutes = |count: i64| russian.format("ago-minutes", &[("count", count.into())]);
    assert_eq!(minutes(1), "1 минуту назад");
    assert_eq!(minutes(3), "3 минуты назад");
    assert_eq!(minutes(11), "11 минут назад");
    assert_eq!(minutes(22), "22 минуты назад");
}

#[test]
fn english_and_kazakh_tell_one_from_many() {
    let english = Catalog::open(Locale::En);
    assert_eq!(english.format("waiting", &[("count", 1.into())]), "1 record waits");
    assert_eq!(english.format("waiting", &[("count", 2.into())]), "2 records wait");
    let kazakh = Catalog::open(Locale::Kk);
    assert_eq!(kazakh.format("ago-days", &[("count", 1.into())]), "1 күн бұрын");
    assert_eq!(kazakh.format("ago-days", &[("count", 5.into())]), "5 күн бұрын");
}

#[test]
fn says_what_fluents_own_library_says() {
    let numbers = (0..=30).chain([100, 101, 104, 111, 112, 114, 121, 122, 125, 1_000_001, -1, -3]);
    let values = numbers.map(Value::Number).chain([Value::Text("ә".to_owned())]);
    let values: Vec<_> = values.map(Some).chain([None]).collect();
    for locale in Locale::ALL {
        let (ours, theirs) = (Catalog::open(*locale), bundle(*locale));
        for (key, names) in messages(*locale) {
            let names: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
            let pattern = theirs.get_message(&key).and_then(|message| message.value()).unwrap();
            for value in if names.is_empty() { &[None] } else { values.as_slice() } {
                let given = |name: &&'static str| Some((*name, value.clone()?));
                let given: Vec<_> = names.iter().filter_map(given).collect();
                let mut args = FluentArgs::new();
                for (name, value) in given.clone() {
                    match value {
                        Value::Text(text) => args.set(name, text),
                        Value::Number(number) => args.set(name, FluentValue::from(number)),
                    }
                }
                let said = theirs.format_pattern(pattern, Some(&args), &mut Vec::new());
                assert_eq!(ours.format(&key, &given), said, "{key} in {}", locale.tag());
            }
        }
    }
}

#[test]
fn months_are_named_in_every_language() {
    for locale in Locale::ALL {
        let catalog = Catalog::open(*locale);
        let name = |month: i64| {
            catalog.format("month-year", &[("month", month.into()), ("year", "2026".into())])
        };
        let names: BTreeSet<_> = (1..=12).map(name).collect();
        assert_eq!(names.len(), 12, "{}", locale.tag());
    }
    let russian = Catalog::open(Locale::Ru);
    let day = russian.format("day-month", &[("month", 9.into()), ("day", 28.into())]);
    assert_eq!(day, "28 сентября");
}

#[test]
fn finds_a_language_by_its_tag() {
    assert_eq!(Locale::parse("ru-KZ"), Some(Locale::Ru));
    assert_eq!(Locale::parse("KK"), Some(Locale::Kk));
    assert_eq!(Locale::parse("de"), None);
}

/// Opens a language's file with Fluent's own library.
fn bundle(locale: Locale) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new(vec![locale.tag().parse().unwrap()]);
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source(locale).to_owned()).ok().unwrap();
    bundle.add_resource(resource).ok().unwrap();
    bundle
}

/// Reads a catalogue as key → names of the values it takes. A message starts at column 0.
fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source(locale).lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").or_else(|| line.split_once(" ="))
            && !line.starts_with(' ')
        {
            key = name.to_owned();
            assert!(found.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is there twice");
        }
        for value in line.split('$').skip(1) {
            let name = value.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap();
            found.get_mut(&key).unwrap().insert(name.to_owned());
        }
    }
    found
}

fn keys_in_code() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        if file.ends_with("i18n/tests.rs") {
            continue;
        }
        let code = fs::read_to_string(&file).unwrap();
        let is_comment = |line: &&str| line.trim_start().starts_with("//");
        let code: Vec<_> = code.lines().filter(|line| !is_comment(line)).collect();
        let code = code.join("\n");
        let calls: &[&str] =
            if file.ends_with("sentence.rs") { &["=> "] } else { &[".t(", ".text(", ".format("] };
        for call in calls {
            for after in code.split(call).skip(1) {
                if let Some(literal) = after.trim_start().strip_prefix('"') {
                    keys.insert(literal.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    keys
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
