//! The page about a mark, as HTML.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::export::{MarkFinding, PaperKind, PaperMark};

use super::words::{Language, Words};
use crate::paper_check::PaperCheck;

/// What the page is about.
pub(super) enum Shown {
    /// Only the form.
    Nothing,
    /// What was typed is no mark.
    NoMark,
    /// A mark, and what the log says of it.
    Checked { mark: PaperMark, check: PaperCheck },
}

/// Writes the page. `typed` stands in its form again.
pub(super) fn write(shown: &Shown, typed: &str, language: Language) -> String {
    let words = language.words();
    let mut page = String::with_capacity(4_096);
    let title = words.title;
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>{title}</h1>\n",
        language.tag()
    );
    match shown {
        Shown::Nothing => {}
        Shown::NoMark => verdict(&mut page, false, words.no_mark),
        Shown::Checked { mark, check } => checked(&mut page, mark, check, words),
    }
    form(&mut page, typed, language);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Allows the page its one style, its own form, and nothing else.
pub(super) fn policy() -> String {
    let style = STANDARD.encode(seal::sha256(STYLE.as_bytes()).0);
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

fn verdict(page: &mut String, holds: bool, text: &str) {
    let class = if holds { "holds" } else { "differs" };
    let _ = writeln!(page, "<p role=\"status\" class=\"{class}\">{}</p>", escaped(text));
}

fn checked(page: &mut String, mark: &PaperMark, check: &PaperCheck, words: &Words) {
    let none = Vec::new();
    let (differences, provider) = match check {
        PaperCheck::OtherLog { own } => {
            verdict(page, false, words.other_log);
            let other = MarkFinding::OtherLog { signed: own.clone(), found: mark.origin.clone() };
            return facts(page, mark, None, &[other], words);
        }
        PaperCheck::NotClosed => {
            verdict(page, false, words.not_closed);
            return facts(page, mark, None, &none, words);
        }
        PaperCheck::Compared { provider, differences } => (differences, provider),
    };
    let holds = differences.is_empty();
    verdict(page, holds, if holds { words.holds } else { words.differs });
    facts(page, mark, provider.as_ref(), differences, words);
    if holds {
        let _ = writeln!(page, "<p>{}</p>", words.compare);
    }
}

fn facts(
    page: &mut String,
    mark: &PaperMark,
    provider: Option<&(String, String)>,
    differences: &[MarkFinding],
    words: &Words,
) {
    let kind = match mark.kind {
        PaperKind::Sheet => words.sheet,
        PaperKind::Act => words.act,
    };
    let name = provider.map(|(name, bin)| format!("{name}, {bin}"));
    let signed = Signed::of(differences);
    let rows = [
        (words.paper, kind.to_owned(), None),
        (words.month, mark.month.to_string(), signed.month),
        (words.provider, name.unwrap_or_else(|| mark.provider.to_string()), None),
        (words.sum, mark.sum.to_string(), signed.sum),
        (words.lines, mark.lines.to_string(), signed.lines),
        (words.log, mark.origin.clone(), signed.log),
        (words.leaf, mark.leaf.to_string(), signed.leaf),
        (words.tranche, mark.tranche.to_string(), signed.tranche),
    ];
    let _ = writeln!(
        page,
        "<table>\n<tr><td></td><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>",
        words.on_paper, words.in_log
    );
    for (name, found, signed) in rows {
        let (class, said) = match &signed {
            Some(signed) => (" class=\"differs\"", signed.as_str()),
            None => ("", ""),
        };
        let (found, said) = (escaped(&found), escaped(said));
        let _ = writeln!(
            page,
            "<tr{class}><th scope=\"row\">{name}</th><td>{found}</td><td>{said}</td></tr>"
        );
    }
    page.push_str("</table>\n");
}

/// What the log says where the paper says something else.
#[derive(Default)]
struct Signed {
    log: Option<String>,
    month: Option<String>,
    tranche: Option<String>,
    leaf: Option<String>,
    sum: Option<String>,
    lines: Option<String>,
}

impl Signed {
    fn of(differences: &[MarkFinding]) -> Self {
        let mut all = Self::default();
        for one in differences {
            if let MarkFinding::OtherLog { signed, .. } = one {
                all.log = Some(signed.clone());
            } else if let MarkFinding::OtherMonth { signed, .. } = one {
                all.month = Some(signed.to_string());
            } else if let MarkFinding::OtherTranche { signed, .. } = one {
                all.tranche = Some(signed.to_string());
            } else if let MarkFinding::OtherLeaf { signed, .. } = one {
                all.leaf = Some(signed.to_string());
            } else if let MarkFinding::OtherSum { signed, .. } = one {
                all.sum = Some(signed.to_string());
            } else if let MarkFinding::OtherLines { signed, .. } = one {
                all.lines = Some(signed.to_string());
            }
        }
        all
    }
}

fn form(page: &mut String, typed: &str, language: Language) {
    let words = language.words();
    let (tag, again) = (language.tag(), in_address(typed));
    let typed = escaped(typed);
    let _ = writeln!(
        page,
        "<form method=\"get\" action=\"/verify\">\n<label for=\"mark\">{}</label>\n<textarea id=\"mark\" \
         name=\"mark\" rows=\"4\" maxlength=\"1024\" spellcheck=\"false\">{typed}</textarea>\n<input \
         type=\"hidden\" name=\"lang\" value=\"{tag}\">\n<button>{}</button>\n</form>\n<p>{}</p>\n<nav>",
        words.ask, words.check, words.elsewhere
    );
    for other in Language::ALL {
        let (tag, name) = (other.tag(), other.name());
        let _ = writeln!(
            page,
            "<a href=\"/verify?lang={tag}&amp;mark={again}\" lang=\"{tag}\">{name}</a>"
        );
    }
    page.push_str("</nav>\n");
}

/// Writes a text as a part of an address's question.
fn in_address(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// Writes a text that somebody else wrote.
fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
    written
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:1rem}main{max-width:42rem;margin:auto}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem;border-top:1px solid #999;\
overflow-wrap:anywhere}p.holds,p.differs{padding:.6rem;border-left:.4rem solid;font-weight:bold}\
.holds{border-color:#067d3b}.differs{border-color:#b00020}tr.differs td,tr.differs th{background:#fde8ea;\
color:#600}textarea{width:100%;box-sizing:border-box;font:inherit}button{font:inherit;padding:.4rem 1rem;\
margin:.5rem 0}nav a{margin-right:1rem}@media(prefers-color-scheme:dark){body{background:#111;color:#eee}\
a{color:#9cf}}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let hostile = "<script>alert('1')</script>\"&";
        let page = write(&Shown::NoMark, hostile, Language::En);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"));
        let mark = "QP1;act;2026-09;0303030303030303;15;1846153;2;\
                    0000000000000000000000000000000000000000000000000000000000000000;<b>log";
        let mark: PaperMark = mark.parse().unwrap();
        let check = PaperCheck::OtherLog { own: "log.example".to_owned() };
        let page = write(&Shown::Checked { mark, check }, "", Language::Ru);
        assert!(page.contains("&lt;b&gt;log") && !page.contains("<b>"), "{page}");
    }

    #[test]
    fn a_difference_stands_beside_what_the_paper_says() {
        let mark = "QP1;act;2026-09;0303030303030303;15;1846153;2;\
                    0000000000000000000000000000000000000000000000000000000000000000;log";
        let mark: PaperMark = mark.parse().unwrap();
        let signed = ledger::Tiyn(100);
        let differences = vec![MarkFinding::OtherSum { signed, found: mark.sum }];
        let check = PaperCheck::Compared { provider: None, differences };
        let words = Language::En.words();
        let page = write(&Shown::Checked { mark: mark.clone(), check }, "", Language::En);
        assert!(page.contains(words.differs) && !page.contains(words.holds), "{page}");
        assert!(page.contains("<td>18461.53</td><td>1.00</td>"), "{page}");
        let check = PaperCheck::Compared { provider: None, differences: Vec::new() };
        let page = write(&Shown::Checked { mark, check }, "", Language::En);
        assert!(page.contains(words.holds) && !page.contains("<tr class"), "{page}");
    }
}
