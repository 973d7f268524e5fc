//! One line a step, and one JSON object for all.

use std::future::Future;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::console::{Colour, Console, paint};

/// Collects the figures of each step.
#[derive(Debug)]
pub(super) struct Report {
    console: Console,
    steps: Vec<Value>,
    number: usize,
}

impl Report {
    pub(super) fn new(console: Console) -> Self {
        Self { console, steps: Vec::new(), number: 0 }
    }

    /// Runs a step, names it if it fails, and prints its figures on one line.
    pub(super) async fn step<T>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = anyhow::Result<(T, Value)>>,
    ) -> anyhow::Result<T> {
        self.number += 1;
        self.console.progress(&format!("{:>2} {name} …", self.number));
        let done = work.await;
        self.console.progress_done();
        let (value, figures) = done.with_context(|| format!("step «{name}» failed"))?;
        let line = format!(
            "{} {:>2} {name:<10} {}",
            paint("✓", Colour::Green),
            self.number,
            in_words(&figures)
        );
        self.console.line(line);
        self.steps.push(json!({ "step": name, "figures": figures }));
        Ok(value)
    }

    /// Prints the JSON object, with what is said of the whole.
    pub(super) fn finish(self, whole: Map<String, Value>) {
        let mut object = whole;
        object.insert("ok".into(), Value::Bool(true));
        object.insert("steps".into(), Value::Array(self.steps));
        self.console.json(&Value::Object(object));
    }
}

/// Writes `{"cards": 40}` as `cards 40`.
fn in_words(figures: &Value) -> String {
    let Value::Object(figures) = figures else { return figures.to_string() };
    let words = figures.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{} {value}", name.replace('_', " "))
    });
    words.collect::<Vec<_>>().join(" · ")
}
