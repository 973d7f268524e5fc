//! Why a mark is withdrawn: a word of a list, so that nobody is named in the log.

/// Says why a mark was withdrawn. The words are signed, in [`Event::document`](crate::Event::document).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Withdrawal {
    /// It was another child.
    OtherChild,
    /// The child was not there.
    NotThere,
    /// It belongs to another lesson.
    OtherLesson,
    /// A slip, or a trial.
    Slip,
}

impl Withdrawal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OtherChild, Self::NotThere, Self::OtherLesson, Self::Slip];

    /// Gives the word that is signed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OtherChild => "other-child",
            Self::NotThere => "not-there",
            Self::OtherLesson => "other-lesson",
            Self::Slip => "slip",
        }
    }

    /// Reads the word; nothing for another one, which is kept and says nothing here.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_words_and_no_other() {
        for why in Withdrawal::ALL {
            assert_eq!(Withdrawal::parse(why.word()), Some(why));
        }
        assert_eq!(Withdrawal::parse("Slip"), None);
    }
}
