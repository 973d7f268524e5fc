//! A large house: hundreds of children in groups of fifteen, their cards in the log, one tablet.

use attendance::{CardClaims, CardId, ChildId, GroupId, LessonId, VoucherId, issue_card};
use ledger::{Contract, Group, Lesson, Month, Snapshot, Tiyn, Weekday};
use server::{District, Grant, Person};

use crate::district::{self, CHESS_HOUSE, PART};
use crate::town::Town;

/// Children of a group.
const GROUP_CHILDREN: u16 = 15;
const FIRST_NAMES: [&str; 10] = [
    "Айару",
    "Нұрлан",
    "Мадина",
    "Ерасыл",
    "Томирис",
    "Санжар",
    "Аружан",
    "Дамир",
    "Инжу",
    "Алдияр",
];
const LAST_NAMES: [&str; 9] = [
    "Бірінші",
    "Екінші",
    "Үшінші",
    "Төртінші",
    "Бесінші",
    "Алтыншы",
    "Жетінші",
    "Сегізінші",
    "Тоғызыншы",
];

/// Hundreds of invented children.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// How many; a whole number of groups.
    pub children: u16,
}

impl Crowd {
    /// The district of the chess house with these children alone.
    ///
    /// # Panics
    /// Never: the dates are fixed.
    #[must_use]
    pub fn district(self) -> District {
        let date = |text: &str| text.parse().expect("a date");
        let groups = (0..self.children / GROUP_CHILDREN).map(|number| Group {
            id: group(number),
            provider: CHESS_HOUSE,
            name: format!("Group {number}"),
            weekdays: vec![Weekday::Mon, Weekday::Wed, Weekday::Fri],
            start: format!("{:02}:{:02}", 8 + number / 3, number % 3 * 20),
            minutes: 60,
            capacity: None,
        });
        let contracts = (0..self.children).map(|number| Contract {
            voucher: voucher(number),
            number: format!("TEST-2026-{number:04}"),
            child: child(number),
            group: group(number / GROUP_CHILDREN),
            provider: CHESS_HOUSE,
            total_tiyn: Tiyn(4 * PART.0),
            from: date("2026-09-01"),
            to: date("2026-12-31"),
            family: None,
            segments: Vec::new(),
        });
        let snapshot = Snapshot {
            providers: district::snapshot().providers.into_iter().take(1).collect(),
            groups: groups.collect(),
            contracts: contracts.collect(),
            ..district::snapshot()
        };
        let people = (0..self.children).map(|number| Person {
            child: child(number),
            name: name(number),
            card: card(number),
        });
        District { origin: district::ORIGIN.to_owned(), snapshot, people: people.collect() }
    }

    /// Issues every child's card and puts it into the town's log. Gives what the cards say.
    ///
    /// # Panics
    /// If a card is not issued or not logged.
    pub async fn cards(self, town: &Town) -> Vec<String> {
        let issue = |number| {
            let claims = CardClaims {
                expires_at_s: crate::CARDS_END_S,
                card: card(number),
                child: child(number),
                voucher: voucher(number),
                status_index: u32::from(number),
                holder: None,
            };
            issue_card(town.card_key(), &claims).expect("a software key signs")
        };
        let issued: Vec<_> = (0..self.children).map(issue).collect();
        let bytes: Vec<Vec<u8>> = issued.iter().map(|card| card.bytes.clone()).collect();
        town.server().log_cards(&bytes).await.expect("the cards are logged");
        issued.into_iter().map(|card| card.text).collect()
    }

    /// Issues a child another card, and puts it into the town's log: the roster is another one then.
    ///
    /// # Panics
    /// If the card is not issued or not logged.
    pub async fn another_card(self, town: &Town, number: u16) {
        let claims = CardClaims {
            expires_at_s: crate::CARDS_END_S,
            card: CardId(noise("another card", number)),
            child: child(number),
            voucher: voucher(number),
            status_index: u32::from(self.children + number),
            holder: None,
        };
        let issued = issue_card(town.card_key(), &claims).expect("a software key signs");
        town.server().log_cards(&[issued.bytes]).await.expect("the card is logged");
    }

    /// What the ticket of the house's one tablet grants.
    #[must_use]
    pub fn tablet(self) -> Grant {
        let groups = (0..self.children / GROUP_CHILDREN).map(group).collect();
        Grant { groups, ..crate::chess_teacher() }
    }

    /// One of the children.
    #[must_use]
    pub fn first_child(self) -> ChildId {
        child(0)
    }

    /// The lessons of the first Wednesday, by group.
    ///
    /// # Panics
    /// Never: the month is fixed.
    #[must_use]
    pub fn lessons(self) -> Vec<Lesson> {
        let month: Month = district::MONTH.parse().expect("a month");
        let all = self.district().snapshot.lessons(month);
        let first = |number| {
            let of_group = all.iter().filter(|lesson| lesson.group == group(number));
            of_group.min_by_key(|lesson| lesson.start_ms).copied().expect("a lesson")
        };
        (0..self.children / GROUP_CHILDREN).map(first).collect()
    }

    /// The lesson that a child goes to, and another group's lesson of the day, for a second visit.
    #[must_use]
    pub fn lessons_of(self, lessons: &[Lesson], number: u16) -> [LessonId; 2] {
        let own = usize::from(number / GROUP_CHILDREN);
        [lessons[own].id, lessons[(own + 1) % lessons.len()].id]
    }
}

/// Ids as they are made in life: no two bytes have anything to do with each other.
fn noise<const N: usize>(what: &str, number: u16) -> [u8; N] {
    let hash = seal::sha256(format!("{what} {number}").as_bytes()).0;
    hash.first_chunk().copied().expect("an id is shorter than a hash")
}

fn child(number: u16) -> ChildId {
    ChildId(noise("child", number))
}

fn voucher(number: u16) -> VoucherId {
    VoucherId(noise("voucher", number))
}

fn card(number: u16) -> CardId {
    CardId(noise("card", number))
}

fn group(number: u16) -> GroupId {
    GroupId(noise("group", number))
}

fn name(number: u16) -> String {
    let (first, last) = (usize::from(number) % 10, usize::from(number) / 10 % 9);
    format!("{} {} {}", LAST_NAMES[last], FIRST_NAMES[first], number)
}
