//! The words of the page, in three languages, and which one somebody reads.

use axum::http::{HeaderMap, header};

/// A language of the page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Language {
    Kk,
    Ru,
    En,
}

/// What the page says.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) holds: &'static str,
    pub(super) differs: &'static str,
    pub(super) no_mark: &'static str,
    pub(super) other_log: &'static str,
    pub(super) not_closed: &'static str,
    pub(super) compare: &'static str,
    pub(super) ask: &'static str,
    pub(super) check: &'static str,
    pub(super) elsewhere: &'static str,
    pub(super) on_paper: &'static str,
    pub(super) in_log: &'static str,
    pub(super) paper: &'static str,
    pub(super) sheet: &'static str,
    pub(super) act: &'static str,
    pub(super) month: &'static str,
    pub(super) provider: &'static str,
    pub(super) sum: &'static str,
    pub(super) lines: &'static str,
    pub(super) log: &'static str,
    pub(super) leaf: &'static str,
    pub(super) tranche: &'static str,
}

impl Language {
    pub(crate) const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kk => "Қазақша",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Kk => &KK,
            Self::Ru => &RU,
            Self::En => &EN,
        }
    }

    /// Takes the language that is asked for, else the best of what the browser reads, else Kazakh.
    pub(crate) fn choose(asked: Option<&str>, headers: &HeaderMap) -> Self {
        if let Some(asked) = asked.and_then(Self::of_tag) {
            return asked;
        }
        let read = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let read = read.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut best = (Self::Kk, 0);
        for one in read.take(RANGES_MAX) {
            let (tag, weight) = one.split_once(';').unwrap_or((one, "q=1"));
            let weight = thousandths(weight.trim().strip_prefix("q=").unwrap_or("0"));
            if let Some(language) = Self::of_tag(tag)
                && weight > best.1
            {
                best = (language, weight);
            }
        }
        best.0
    }

    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let main = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.tag() == main)
    }
}

/// Reads a weight between 0 and 1 with at most three places.
fn thousandths(text: &str) -> u32 {
    let (whole, places) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let places: String = places.chars().chain("000".chars()).take(3).collect();
    let read = |text: &str| text.parse::<u32>().ok();
    match (read(whole), read(&places)) {
        (Some(whole), Some(places)) => (whole.min(1) * 1_000 + places).min(1_000),
        _ => 0,
    }
}

/// More languages than this nobody reads.
const RANGES_MAX: usize = 32;

const KK: Words = Words {
    title: "Табель мен актіні тексеру",
    holds: "Сәйкес: журнал дәл осыны қол қойып бекіткен.",
    differs: "Сәйкес емес: қағаздағы журнал қол қойғаннан өзгеше.",
    no_mark: "Бұл табельдің де, актінің де белгісі емес. Қағаздың бұрышындағы белгіні оқыңыз.",
    other_log: "Қағаз басқа журналдан. Оны сол журналдың сервері тексереді.",
    not_closed: "Бұл журналда бұл ай жабылмаған: мұнда оған қол қойылмаған.",
    compare: "Енді қағаздағы соманы осы бетпен салыстырыңыз: белгіні жаңа қағазға көшіруге болады.",
    ask: "Қағаздағы белгінің мәтіні",
    check: "Тексеру",
    elsewhere: "Серверге сенбейтін адам айдың жинағын алып, «qatysu verify-paper» арқылы өзі тексере алады.",
    on_paper: "Қағазда",
    in_log: "Журналда өзгеше",
    paper: "Қағаз",
    sheet: "табель",
    act: "акт",
    month: "Ай",
    provider: "Орындаушы",
    sum: "Сомасы, теңге",
    lines: "Жолдар саны",
    log: "Журнал",
    leaf: "Жапырақ",
    tranche: "Транш",
};

const RU: Words = Words {
    title: "Проверка табеля и акта",
    holds: "Сходится: именно это подписал журнал.",
    differs: "Не сходится: на бумаге не то, что подписал журнал.",
    no_mark: "Это не метка табеля или акта. Считайте знак в углу бумаги.",
    other_log: "Бумага из другого журнала. Её проверит сервер того журнала.",
    not_closed: "В этом журнале этот месяц не закрыт: здесь он не подписан.",
    compare: "Теперь сравните сумму на бумаге с этой страницей: метку можно перенести на другую бумагу.",
    ask: "Текст метки с бумаги",
    check: "Проверить",
    elsewhere: "Кто не верит серверу, берёт пакет месяца и проверяет сам: «qatysu verify-paper».",
    on_paper: "На бумаге",
    in_log: "В журнале иначе",
    paper: "Бумага",
    sheet: "табель",
    act: "акт",
    month: "Месяц",
    provider: "Исполнитель",
    sum: "Сумма, тенге",
    lines: "Строк",
    log: "Журнал",
    leaf: "Лист",
    tranche: "Транш",
};

const EN: Words = Words {
    title: "Check a sheet or an act",
    holds: "It holds: this is what the log signed.",
    differs: "It differs: the paper says something else than the log signed.",
    no_mark: "This is no mark of a sheet or an act. Read the symbol in the corner of the paper.",
    other_log: "The paper is of another log. The server of that log checks it.",
    not_closed: "This month is not closed in this log: nothing of it is signed here.",
    compare: "Now compare the sum on the paper with this page: a symbol can be copied onto another paper.",
    ask: "The text of the paper's symbol",
    check: "Check",
    elsewhere: "Who does not trust a server takes the month's bundle and runs “qatysu verify-paper”.",
    on_paper: "On the paper",
    in_log: "Otherwise in the log",
    paper: "Paper",
    sheet: "sheet",
    act: "act",
    month: "Month",
    provider: "Provider",
    sum: "Sum, tenge",
    lines: "Lines",
    log: "Log",
    leaf: "Leaf",
    tranche: "Tranche",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_asked_for_else_the_best_that_is_read() {
        let of = |asked: Option<&str>, read: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, read.parse().unwrap());
            Language::choose(asked, &headers)
        };
        assert_eq!(of(None, ""), Language::Kk);
        assert_eq!(of(None, "de"), Language::Kk);
        assert_eq!(of(None, "de, en;q=0.5, ru-RU;q=0.8"), Language::Ru);
        assert_eq!(of(None, "en-GB,en;q=0.9,kk;q=0.1"), Language::En);
        assert_eq!(of(None, "ru;q=0, en;q=0.001"), Language::En);
        assert_eq!(of(None, "ru;q=banana"), Language::Kk);
        assert_eq!(of(Some("en"), "ru"), Language::En);
        assert_eq!(of(Some("<script>"), "ru"), Language::Ru);
        assert_eq!(Language::choose(None, &HeaderMap::new()), Language::Kk);
    }
}
