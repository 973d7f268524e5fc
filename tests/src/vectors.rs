//! The published test vectors: what a verifier must accept and what it must refuse, and as what.
//!
//! Everything comes from fixed keys and fixed times, so that the same program writes the same bytes.
//! Each expected verdict is written down by hand beside its case; what our code says of it is asked
//! in `suite/vectors.rs`, and what a second verifier says in `second-verifier/`.

mod breaks;
mod bundle;
mod bundle_breaks;
mod bundle_decided;
mod bundle_ended;
mod bundle_leaves;
mod bundle_records;
mod bundle_signed;
mod card;
mod certificate;
mod chain;
mod challenge;
mod edition;
mod event;
mod fields;
mod history;
mod material;
mod month;
mod note;
mod packed;
mod proof;
mod published;
mod receipt;
mod revocations;
mod roster;
mod rotating;
mod signature;
mod status;
mod tag_list;
mod ticket;
mod time;
mod tranche;
mod trust;
mod witness;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The name of the vectors' format.
pub const VECTORS_FORMAT: &str = "qatysu-vectors/1";
/// The verdict on a valid case.
pub const OK: &str = "ok";

/// One file of vectors: all cases of one form.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// [`VECTORS_FORMAT`].
    pub format: String,
    /// What the cases are: the file's name without its ending.
    pub form: String,
    /// The trust material that cases name.
    pub trust: BTreeMap<String, TrustMaterial>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// What a verifier is provisioned with.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrustMaterial {
    /// The root keys and their threshold, in hexadecimal.
    pub roots: String,
    /// The signed trust list, in hexadecimal.
    pub list: String,
}

/// One case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What is special about it; unique in its file.
    pub name: String,
    /// Which trust material it rests on, if any.
    pub trust: Option<String>,
    /// What the verifier is given.
    pub inputs: BTreeMap<String, Input>,
    /// [`OK`], or the stable code of the refusal.
    pub expected: String,
    /// What the verifier must find beside the verdict, where a form has that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

/// One input of a case.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Input {
    /// A number.
    Number(i64),
    /// Text, or bytes in hexadecimal.
    Text(String),
    /// Several byte strings in hexadecimal.
    List(Vec<String>),
}

impl VectorFile {
    /// Writes the file's text.
    ///
    /// # Panics
    /// Never: a file of vectors is JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("vectors are JSON");
        format!("{text}\n")
    }

    /// Gives the file's name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.json", self.form)
    }
}

impl Case {
    fn new<'a>(
        name: &str,
        expected: &str,
        inputs: impl IntoIterator<Item = (&'a str, Input)>,
    ) -> Self {
        let inputs = inputs.into_iter().map(|(name, input)| (name.to_owned(), input));
        Self {
            name: name.to_owned(),
            trust: None,
            inputs: inputs.collect(),
            expected: expected.to_owned(),
            output: None,
        }
    }

    /// Adds what the verifier must find.
    fn giving(mut self, output: Value) -> Self {
        self.output = Some(output);
        self
    }

    fn trusting(mut self, trust: &str) -> Self {
        self.trust = Some(trust.to_owned());
        self
    }
}

impl Input {
    fn hex(bytes: &[u8]) -> Self {
        Self::Text(hex(bytes))
    }

    fn hexes<B: AsRef<[u8]>>(all: &[B]) -> Self {
        Self::List(all.iter().map(|bytes| hex(bytes.as_ref())).collect())
    }
}

/// Makes every file of vectors.
#[must_use]
pub fn all() -> Vec<VectorFile> {
    vec![
        bundle::file(),
        card::plain(),
        card::with_holder(),
        certificate::file(),
        chain::file(),
        challenge::answer(),
        challenge::challenge(),
        fields::correction(),
        fields::form(),
        history::file(),
        note::file(),
        event::file(),
        packed::file(),
        proof::batch_receipt(),
        proof::consistency(),
        proof::inclusion(),
        published::proof(),
        published::tiles(),
        receipt::file(),
        revocations::file(),
        roster::file(),
        rotating::rotating(),
        rotating::shown(),
        signature::file(),
        status::delta(),
        status::list(),
        tag_list::file(),
        ticket::file(),
        time::anchor(),
        time::timeline(),
        tranche::file(),
        trust::list(),
        trust::roots(),
        witness::policy(),
        witness::request(),
        witness::witnessed(),
    ]
}

/// Gives the folder that the files are checked in at.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"))
}

fn file(form: &str, trust: &[&str], cases: Vec<Case>) -> VectorFile {
    let material = trust.iter().map(|name| ((*name).to_owned(), material::named(name)));
    VectorFile {
        format: VECTORS_FORMAT.to_owned(),
        form: form.to_owned(),
        trust: material.collect(),
        cases,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
