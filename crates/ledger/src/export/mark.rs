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
        self.differences(tranche, leaf).into_iter().next().map_or(Ok(()), Err)
    }

    /// Lists everything that the mark says otherwise than a tranche that was verified.
    #[must_use]
    pub fn differences(&self, tranche: &Tranche, leaf: u64) -> Vec<MarkFinding> {
        let mut found = Vec::new();
        if tranche.origin != self.origin {
            let signed = tranche.origin.clone();
            found.push(MarkFinding::OtherLog { signed, found: self.origin.clone() });
        }
        if tranche.month != self.month {
            found.push(MarkFinding::OtherMonth { signed: tranche.month, found: self.month });
        }
        let signed = tranche.hash();
        if signed != self.tranche {
            found.push(MarkFinding::OtherTranche { signed, found: self.tranche });
        }
        if leaf != self.leaf {
            found.push(MarkFinding::OtherLeaf { signed: leaf, found: self.leaf });
        }
        // The sums of a parsed tranche fit.
        let (sum, lines) = earned(tranche, self.provider).unwrap_or_default();
        if sum != self.sum {
            found.push(MarkFinding::OtherSum { signed: sum, found: self.sum });
        }
        if lines != self.lines {
            found.push(MarkFinding::OtherLines { signed: lines, found: self.lines });
        }
        found
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

/// What a symbol says as it is read: the mark alone, or an address of a server that opens its page about it.
///
/// ```
/// let mark = "QP1;act;2026-09;0303030303030303;15;1846153;2;\
///             0000000000000000000000000000000000000000000000000000000000000000;log.example/2026";
/// let text = format!("https://qatysu.example/verify?mark={mark}");
/// let shown: ledger::export::ShownMark = text.parse()?;
/// assert_eq!(shown.server.as_deref(), Some("https://qatysu.example"));
/// assert_eq!((shown.mark.to_string(), shown.to_string()), (mark.to_owned(), text));
/// # Ok::<(), ledger::export::MarkError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ShownMark {
    /// The address before `/verify`, if there is one. Nothing of it is signed: it is where a camera goes.
    pub server: Option<String>,
    /// What is compared.
    pub mark: PaperMark,
}

impl fmt::Display for ShownMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(server) = &self.server else { return self.mark.fmt(f) };
        write!(f, "{server}{PAGE}")?;
        for byte in self.mark.to_string().bytes() {
            if is_plain(byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for ShownMark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, MarkError> {
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Ok(Self { server: None, mark: text.parse()? });
        }
        let (server, mark) = text.split_once(PAGE).ok_or(MarkError)?;
        if server.contains(['?', '#']) || server.contains(char::is_whitespace) {
            return Err(MarkError);
        }
        let mark = decoded(mark).ok_or(MarkError)?.parse()?;
        let shown = Self { server: Some(server.to_owned()), mark };
        if shown.to_string() == text { Ok(shown) } else { Err(MarkError) }
    }
}

/// Says whether a byte stands for itself in the question of an address.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~;/:".contains(&byte)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit =
                |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push((high << 4) | low);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Between a server's address and a mark.
const PAGE: &str = "/verify?mark=";
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
    #[test]
    fn an_address_says_the_same_mark_and_in_one_way_only() {
        let mark: PaperMark = TEXT.parse().unwrap();
        let bare: ShownMark = TEXT.parse().unwrap();
        assert_eq!((bare.server, &bare.mark), (None, &mark));
        let odd = PaperMark { origin: "log/қ 1+%&;?mark=".to_owned(), ..mark };
        let server = Some("http://127.0.0.1:8080".to_owned());
        let shown = ShownMark { server, mark: odd };
        let text = shown.to_string();
        assert!(text.is_ascii() && !text.contains([' ', '+', '&']), "{text}");
        assert_eq!(text.parse::<ShownMark>().unwrap(), shown);
        for other in [
            text.replacen("QP1", "%51P1", 1),
            text.replacen("%D2", "%d2", 1),
            text.replacen("http://", "ftp://", 1),
            text.replacen("http://", "http://a?", 1),
            format!("{text}%"),
            format!("{text}%ZZ"),
            format!("{text}%FF"),
            String::new(),
        ] {
            assert_eq!(other.parse::<ShownMark>(), Err(MarkError), "{other}");
        }
    }
}
