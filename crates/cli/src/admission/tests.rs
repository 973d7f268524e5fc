//! A table of answers is taken whole or not at all, and who is not listed gets no new voucher.

use ledger::admission::{AdmissionState, Check, CheckState};
use server::tables::Rows;

use super::file::{COLUMNS, FileRegister, NEEDED};
use crate::console::Console;
use crate::rows::InWords as _;
use crate::words::{Lang, Words};

const QUIET: Console = Console { json: true };

fn rows(table: &str) -> Rows {
    Rows::read(table.as_bytes(), COLUMNS, NEEDED).unwrap()
}

#[test]
fn wrong_answers_are_told_row_by_row_in_every_language() {
    let table = format!(
        "БИН;Проверка;Результат;Дата;Документ;Источник;valid_to;sha256;Адрес\n\
         990990000029;TAX;0;10.08.2026;T-1;register;;;\n\
         990990000028;TAX;0;10.08.2026;T-1;register;;;\n\
         99099;TAX;0;10.08.2026;T-1;register;;;\n\
         990990000029;TAXES;0;10.08.2026;T-1;register;;;\n\
         990990000029;TAX;yes;10.08.2026;T-1;register;;;\n\
         990990000029;FIRE;maybe;10.08.2026;T-1;register;;;\n\
         990990000029;FIRE;да;10.08;T-1;register;;;\n\
         990990000029;FIRE;да;10.08.2026;;register;;;\n\
         990990000029;FIRE;да;10.08.2026;F-1;register;09.08.2026;;\n\
         990990000029;FIRE;да;10.08.2026;F-1;register;;abc;\n\
         990990000029;NOTIFICATION;да;10.08.2026;N-1;register;;;\n\
         990990000029;notification;иә;10.08.2026;N-1;register;;{hash};1 Invented street\n\
         990990000029;CAPACITY;30;10.08.2026;C-1;register;2027-08-09;;\n",
        hash = "AB".repeat(32)
    );
    let (register, wrong) = FileRegister::read(&rows(&table), QUIET);
    let told: Vec<_> = wrong.iter().map(|note| (note.row, note.said.code())).collect();
    let expected = [
        (3, "bin-check"),
        (4, "bin-digits"),
        (5, "check-unknown"),
        (6, "check-result"),
        (7, "check-result"),
        (8, "cell-no-day"),
        (9, "cell-empty"),
        (10, "check-ends-early"),
        (11, "check-no-hash"),
        (12, "check-no-address"),
    ];
    assert_eq!(told, expected);
    assert_eq!(register.bins().len(), 1);
    let [kk, ru, en] = Lang::ALL.map(|lang| wrong[0].in_words(&Words::of(lang)));
    assert!(kk.starts_with("3-жол: БСН"), "{kk}");
    assert!(ru.starts_with("строка 3: контрольная цифра БИН"), "{ru}");
    assert!(en.starts_with("row 3: the BIN's check digit"), "{en}");
}

#[test]
fn state_is_told_in_words() {
    let check = Check::Fire;
    for (state, said) in [
        (AdmissionState::Unknown, "nothing of it was checked"),
        (
            AdmissionState::Lapsed { check, because: CheckState::Expired },
            "listed, and FIRE ran out",
        ),
        (AdmissionState::Ready, "all checks passed, and nobody listed it"),
    ] {
        assert_eq!(state.in_words(), said);
    }
}
