//! What was found out about a text: its kind, its claims, the verdict and the way out.

use serde_json::{Map, Value, json};

use crate::console::{Colour, Console, Exit, paint};

/// Holds what is said about a text, to people and to machines. The keys of the JSON never change.
pub(super) struct Finding {
    kind: &'static str,
    what: &'static str,
    lines: Vec<(&'static str, String)>,
    json: Map<String, Value>,
    notes: Vec<String>,
    verdict: Verdict,
}

/// Whether to believe it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// It holds, and why.
    Accepted(String),
    /// Nothing was found against it, and something is missing to decide.
    NotVerified(String),
    /// It does not hold, and what to do.
    Refused { code: &'static str, why: String },
}

impl Verdict {
    pub(super) fn refused(code: &'static str, why: impl ToString) -> Self {
        Self::Refused { code, why: why.to_string() }
    }

    pub(super) fn not_verified(missing: impl ToString) -> Self {
        Self::NotVerified(missing.to_string())
    }
}

impl Finding {
    /// Begins with what the text is: its name for machines, and in words.
    pub(super) fn of(kind: &'static str, what: &'static str) -> Self {
        let verdict = Verdict::not_verified("");
        let (lines, json, notes) = (Vec::new(), Map::new(), Vec::new());
        Self { kind, what, lines, json, notes, verdict }
    }

    /// Adds a claim that reads the same for people and machines.
    pub(super) fn claim(&mut self, name: &'static str, value: impl ToString) {
        self.claim_as(name, value.to_string(), json!(value.to_string()));
    }

    /// Adds a claim with its own form for machines.
    pub(super) fn claim_as(&mut self, name: &'static str, shown: String, value: Value) {
        self.lines.push((name, shown));
        self.tell(name, value);
    }

    /// Adds a value for machines only.
    pub(super) fn tell(&mut self, name: &'static str, value: Value) {
        self.json.insert(name.to_owned(), value);
    }

    /// Adds a sentence that comes after the verdict.
    pub(super) fn note(&mut self, sentence: impl ToString) {
        self.notes.push(sentence.to_string());
    }

    /// Ends with the verdict, and what was accepted in one sentence.
    pub(super) fn judged(mut self, verdict: Result<String, Verdict>) -> Self {
        self.verdict = verdict.map_or_else(|verdict| verdict, Verdict::Accepted);
        self
    }

    /// Ends with a refusal.
    pub(super) fn refused(self, code: &'static str, why: impl ToString) -> Self {
        self.judged(Err(Verdict::refused(code, why)))
    }

    /// Prints it, and says how the command ends.
    pub(super) fn print(&self, console: Console) -> Exit {
        self.text().iter().for_each(|line| console.line(line));
        console.json(&self.to_json());
        match self.verdict {
            Verdict::Accepted(_) => Exit::Fine,
            Verdict::NotVerified(_) | Verdict::Refused { .. } => Exit::Refused,
        }
    }

    /// Gives the lines for people.
    pub(super) fn text(&self) -> Vec<String> {
        let claims = self.lines.iter().map(|(name, shown)| {
            let name = name.replace('_', " ");
            format!("{name:13} {shown}")
        });
        let verdict = match &self.verdict {
            Verdict::Accepted(why) => format!("{}: {why}", paint("accepted", Colour::Green)),
            Verdict::NotVerified(missing) => format!("not verified: {missing}"),
            Verdict::Refused { why, .. } => format!("{}: {why}", paint("refused", Colour::Red)),
        };
        std::iter::once(self.what.to_owned())
            .chain(claims)
            .chain(std::iter::once(verdict))
            .chain(self.notes.iter().cloned())
            .collect()
    }

    /// Gives the value for machines.
    pub(super) fn to_json(&self) -> Value {
        let mut json = self.json.clone();
        json.insert("kind".to_owned(), json!(self.kind));
        let (verdict, refusal, why) = match &self.verdict {
            Verdict::Accepted(why) => ("accepted", None, why),
            Verdict::NotVerified(why) => ("not_verified", None, why),
            Verdict::Refused { code, why } => ("refused", Some(code), why),
        };
        json.insert("verdict".to_owned(), json!(verdict));
        json.insert("why".to_owned(), json!(why));
        if let Some(code) = refusal {
            json.insert("refusal".to_owned(), json!(code));
        }
        if !self.notes.is_empty() {
            json.insert("notes".to_owned(), json!(self.notes));
        }
        Value::Object(json)
    }
}
