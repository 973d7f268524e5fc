//! What the symbol on a printed sheet or act says, so that a stranger can hold the paper against the
//! signed tranche.

use core::fmt;
use core::str::FromStr;

use attendance::ProviderId;
use seal::Hash;

use crate::calendar::Month;
use crate::money::Tiyn;
use crate::tranche::Tranche;

/// A kind of paper.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PaperKind {
    /// The month's sheet of a provider.
    Sheet,
    /// The act of a provider.
    Act,
}

impl PaperKind {
    /// Gives the word in the symbol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sheet => "sheet",
            Self::Act => "act",
        }
    }
}

/// The symbol of a paper. One text has one mark, and the other way round.
///
/// ```
/// let text = "QP1;act;2026-09;0303030303030303;15;1846153;2;\
///             0000000000000000000000000000000000000000000000000000000000000000;log.example/2026";
/// let mark: ledger::export::PaperMark = text.parse()?;
/// assert_eq!((mark.sum.to_string(), mark.lines), ("18461.53".to_owned(), 2));
/// assert_eq!(mark.to_string(), text);
/// # Ok::<(), ledger::export::MarkError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaperMark {
    /// What the paper is.
    pub kind: PaperKind,
    /// Of which month.
    pub month: Month,
    /// Of which provider.
    pub provider: ProviderId,
    /// The tranche's leaf.
    pub leaf: u64,
    /// ΣA of the provider's lines.
    pub sum: Tiyn,
    /// How many lines earned something.
    pub lines: u32,
    /// The tranche's hash.
    pub tranche: Hash,
    /// The log's name.
    pub origin: String,
}

/// The text is no mark.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the symbol is not one of a sheet or an act")]
pub struct MarkError;

/// What a paper says otherwise than the signed tranche.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkFinding {
    /// Another log.
    #[error("the paper is of the log {found}, and the tranche of {signed}")]
    OtherLog {
        /// The tranche's.
        signed: String,
        /// The paper's.
        found: String,
    },
    /// Another month.
    #[error("the paper is of {found}, and the tranche of {signed}")]
    OtherMonth {
        /// The tranche's.
        signed: Month,
        /// The paper's.
        found: Month,
    },
    /// Another tranche, or a changed hash.
    #[error("the paper names the tranche {found}, and {signed} is signed")]
    OtherTranche {
        /// The signed one.
        signed: Hash,
        /// The paper's.
        found: Hash,
    },
    /// Another place in the log.
    #[error("the paper names leaf {found}, and the tranche is leaf {signed}")]
    OtherLeaf {
        /// The tranche's.
        signed: u64,
        /// The paper's.
        found: u64,
    },
    /// Another sum.
    #[error("the paper says {found} tenge, and {signed} are signed")]
    OtherSum {
        /// What the tranche has.
        signed: Tiyn,
        /// What the paper has.
        found: Tiyn,
    },
    /// Another number of lines.
    #[error("the paper says {found} lines that earned something, and {signed} are signed")]
    OtherLines {
        /// What the tranche has.
        signed: u32,
        /// What the paper has.
        found: u32,
    },
}

impl PaperMark {
    /// Makes the mark of a provider's paper; nothing if its sum does not fit.
    #[must_use]
    pub fn of(kind: PaperKind, tranche: &Tranche, leaf: u64, provider: ProviderId) -> Option<Self> {
        let (sum, lines) = earned(tranche, provider)?;
        Some(Self {
            kind,
            month: tranche.month,
            provider,
            leaf,
            sum,
            lines,
            tranche: tranche.hash(),
            origin: tranche.origin.clone(),
        })
    }

    /// Compares the mark with a tranche that was verified, and with its place in the log.
    ///
    /// # Errors
    /// [`MarkFinding`] says the first thing that differs.
    pub fn compare(&self, tranche: &Tranche, leaf: u64) -> Result<(), MarkFinding> {
        let (signed, found) = (tranche.origin.clone(), self.origin.clone());
        if signed != found {
            return Err(MarkFinding::OtherLog { signed, found });
        }
        let (signed, found) = (tranche.month, self.month);
        if signed != found {
            return Err(MarkFinding::OtherMonth { signed, found });
        }
        let (signed, found) = (tranche.hash(), self.tranche);
        if signed != found {
            return Err(MarkFinding::OtherTranche { signed, found });
        }
        let (signed, found) = (leaf, self.leaf);
        if signed != found {
            return Err(MarkFinding::OtherLeaf { signed, found });
        }
        // The sums of a parsed tranche fit.
        let (sum, lines) = earned(tranche, self.provider).unwrap_or_default();
        if sum != self.sum {
            return Err(MarkFinding::OtherSum { signed: sum, found: self.sum });
        }
        if lines != self.lines {
            return Err(MarkFinding::OtherLines { signed: lines, found: self.lines });
        }
        Ok(())
    }
}

fn earned(tranche: &Tranche, provider: ProviderId) -> Option<(Tiyn, u32)> {
    let lines = tranche.lines.iter().filter(|line| line.provider == provider);
    let sums: Vec<Tiyn> = lines.map(|line| line.accrued).filter(|sum| *sum != Tiyn::ZERO).collect();
    let count = u32::try_from(sums.len()).ok()?;
    Some((Tiyn::checked_sum(sums.into_iter())?, count))
}

impl fmt::Display for PaperMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, month, provider, leaf, sum, lines, tranche, origin } = self;
        let (kind, sum) = (kind.as_str(), sum.0);
        write!(f, "{BEGINNING}{kind};{month};{provider};{leaf};{sum};{lines};{tranche};{origin}")
    }
}

impl FromStr for PaperMark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        let rest = text.strip_prefix(BEGINNING).ok_or(MarkError)?;
        let fields: Vec<&str> = rest.splitn(8, ';').collect();
        let [kind, month, provider, leaf, sum, lines, tranche, origin] = fields[..] else {
            return Err(MarkError);
        };
        let mark = Self {
            kind: match kind {
                "sheet" => PaperKind::Sheet,
                "act" => PaperKind::Act,
                _ => return Err(MarkError),
            },
            month: month.parse().map_err(|_| MarkError)?,
            provider: provider.parse().map_err(|_| MarkError)?,
            leaf: leaf.parse().map_err(|_| MarkError)?,
            sum: Tiyn(sum.parse().map_err(|_| MarkError)?),
            lines: lines.parse().map_err(|_| MarkError)?,
            tranche: Hash::from_hex(tranche).ok_or(MarkError)?,
            origin: origin.to_owned(),
        };
        // `+1`, `01` and capitals are other texts of the same mark.
        if mark.to_string() == text { Ok(mark) } else { Err(MarkError) }
    }
}

/// The second version of the symbol will begin otherwise.
const BEGINNING: &str = "QP1;";

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "QP1;act;2026-09;0303030303030303;15;1846153;2;\
        abababababababababababababababababababababababababababababababab;log.example/2026;x";

    #[test]
    fn one_text_is_one_mark() {
        let mark: PaperMark = TEXT.parse().unwrap();
        assert_eq!(mark.to_string(), TEXT);
        assert_eq!(mark.origin, "log.example/2026;x");
        for (from, to) in [
            (";15;", ";015;"),
            (";15;", ";+15;"),
            ("abab", "ABab"),
            ("QP1", "QP2"),
            (";act;", ";bill;"),
            ("2026-09", "2026-9"),
            (";2;", ";-2;"),
        ] {
            assert_eq!(TEXT.replacen(from, to, 1).parse::<PaperMark>(), Err(MarkError), "{to}");
        }
        for length in 0..TEXT.len().saturating_sub(20) {
            let cut = TEXT.get(..length).unwrap();
            assert_eq!(cut.parse::<PaperMark>(), Err(MarkError), "{length}");
        }
    }
}
