//! Policies, witnessed checkpoints, and what a witness answers.

use seal::SoftwareKey;
use serde_json::{Value, json};
use system_tests::vectors::OK;
use tlog::policy::{PolicyFault, PolicyRejection, QuorumRejection};
use tlog::witness::{LastCosigned, Witness, WitnessRejection};
use tlog::{Policy, SignedNote, VerifierKey, WitnessedCheckpoint};

use super::{Found, Input, Inputs, MALFORMED, OTHER, of_note};

impl Inputs<'_> {
    pub(super) fn policy(&self) -> Found {
        let policy =
            Policy::parse(self.text("policy")).map_err(|why| of_policy(&why).to_owned())?;
        Ok(json!(policy.to_string()))
    }

    /// The policy of a form that is about something else.
    pub(super) fn read_policy(&self) -> Result<Policy, String> {
        Policy::parse(self.text("policy")).map_err(|_| "bad_policy".to_owned())
    }

    pub(super) fn witnessed(&self) -> Found {
        let policy = self.read_policy()?;
        let note = SignedNote::parse(self.text("note")).map_err(|why| of_note(&why).to_owned())?;
        let believed = policy.verify(&note).map_err(|why| of_quorum(&why))?;
        Ok(witnessed(&believed))
    }

    /// The status of the answer, and its body where the protocol has one.
    pub(super) fn add_checkpoint(&self) -> (String, Option<Value>) {
        match self.answer_of_witness() {
            Ok(line) => (OK.to_owned(), Some(json!(line))),
            Err(why) => (why.status().to_string(), why.size_body().map(|(_, body)| json!(body))),
        }
    }

    fn answer_of_witness(&self) -> Result<String, WitnessRejection> {
        let Some(Input::List(logs)) = self.input("logs") else { panic!("no logs") };
        let logs = logs.iter().map(|key| VerifierKey::parse(key).expect("a good key")).collect();
        let witness = Witness { name: self.text("witness").to_owned(), logs };
        let stored = self.input("stored").map(|_| self.text("stored"));
        let stored = stored.map(|note| LastCosigned::parse(note).expect("the witness's own"));
        let agreed = witness.read(self.text("request").as_bytes())?.judge(stored.as_ref())?;
        let remembered = agreed.remember(|_, _| Ok::<(), std::convert::Infallible>(()));
        let remembered = remembered.expect("nothing fails to be stored");
        let seed = self.bytes("seed").as_slice().try_into().expect("32 bytes");
        let key = SoftwareKey::from_seed(&seed);
        let answer = remembered.answer(&witness.name, &key, self.size("time_s"));
        Ok(answer.expect("a software key signs"))
    }
}

pub(super) fn witnessed(believed: &WitnessedCheckpoint) -> Value {
    let who = believed.cosigned.iter().map(|one| json!([one.witness, one.cosigned_at_s]));
    json!({
        "size": believed.checkpoint.size,
        "root": believed.checkpoint.root.to_string(),
        "cosigned": who.collect::<Vec<_>>(),
    })
}

pub(super) fn of_quorum(why: &QuorumRejection) -> String {
    let code = match why {
        QuorumRejection::Note(why) => of_note(why),
        QuorumRejection::UnknownLog(_) => "unknown_log",
        QuorumRejection::Missing { .. } => "missing",
        _ => OTHER,
    };
    code.to_owned()
}

fn of_policy(why: &PolicyRejection) -> &'static str {
    match why {
        PolicyRejection::NotText => "not_text",
        PolicyRejection::NoQuorum => "no_quorum",
        PolicyRejection::Line { fault, .. } => match fault {
            PolicyFault::Malformed => MALFORMED,
            PolicyFault::Key(_) => "bad_key",
            PolicyFault::Name => "name",
            PolicyFault::DuplicateKey => "duplicate_key",
            PolicyFault::Undefined => "undefined",
            PolicyFault::MemberTwice => "member_twice",
            PolicyFault::Threshold => "threshold",
            PolicyFault::QuorumTwice => "quorum_twice",
            PolicyFault::TooMany => "too_many",
            _ => OTHER,
        },
        _ => OTHER,
    }
}
