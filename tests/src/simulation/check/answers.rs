//! What the server said: it holds of what is in its log, whether or not anybody heard it.

use attendance::{PACKED_VERSION, PackContext, PackedHeader, UnverifiedEvent};
use carriage::{ParcelVerdict, SignedParcelAnswer};
use seal::Hash;
use sync_api::{
    Batch, BatchResponse, COMPACT_VERDICTS_MEDIA_TYPE, CompactReceipts, CompactVerdicts,
    EventVerdict, HexHash, VerdictKind,
};

use super::super::hands::finish;
use super::super::network::Exchange;
use super::super::world::World;

impl World {
    pub(crate) fn check_answer(&mut self, exchange: &Exchange) -> Result<(), String> {
        let Exchange { call, answer } = exchange;
        if answer.status >= 500 && !self.may_break() {
            let said = String::from_utf8_lossy(&answer.body);
            return Err(format!("{}: the server is broken: {said}", call.url));
        }
        if answer.status != 200 {
            return Ok(());
        }
        for note in notes(&answer.body) {
            self.known.take_note(&note, self.rewound)?;
        }
        if call.url.contains("/v1/parcel/") {
            return self.check_parcel(&answer.body);
        }
        let Some((_, sent)) = call.body.as_ref().filter(|_| call.url.contains("/v1/batch/")) else {
            return Ok(());
        };
        let events = self.events_of(sent)?;
        let said: BatchResponse = if answer.media_type == COMPACT_VERDICTS_MEDIA_TYPE {
            let hashes: Vec<Hash> = events.iter().map(|bytes| seal::sha256(bytes)).collect();
            CompactVerdicts::parse(&answer.body)
                .and_then(|compact| compact.of_events(&hashes))
                .map_err(|error| format!("a batch: {error}"))?
        } else {
            serde_json::from_slice(&answer.body).map_err(|error| format!("a batch: {error}"))?
        };
        if said.verdicts.len() != events.len() {
            return Err("a batch has another number of verdicts than of events".to_owned());
        }
        for (bytes, verdict) in events.iter().zip(&said.verdicts) {
            self.check_verdict(bytes, verdict)
                .map_err(|why| format!("event {}: {why}", verdict.event.0))?;
        }
        Ok(())
    }

    /// The answer to a parcel: the same for the same parcel, and true of each event in it.
    fn check_parcel(&mut self, body: &[u8]) -> Result<(), String> {
        let answer = SignedParcelAnswer::parse(body)
            .and_then(|answer| answer.verify(&[self.known.log_key().key]))
            .map_err(|error| format!("the answer to a parcel: {error}"))?;
        self.known.take_note(&answer.checkpoint, self.rewound)?;
        let Some(events) = self.parcels.get(&answer.parcel) else {
            return Err("an answer to a parcel that nobody sealed".to_owned());
        };
        if events.len() != answer.verdicts.len() {
            return Err("a parcel has another number of verdicts than of events".to_owned());
        }
        for (bytes, verdict) in events.iter().zip(&answer.verdicts) {
            let hash = seal::sha256(bytes);
            let (kind, reason) = match verdict {
                ParcelVerdict::Stored => (VerdictKind::Stored, None),
                ParcelVerdict::Duplicate => (VerdictKind::Duplicate, None),
                ParcelVerdict::Parked(reason) => (VerdictKind::Parked, Some(reason.clone())),
                ParcelVerdict::Deferred(reason) => (VerdictKind::Deferred, Some(reason.clone())),
            };
            let verdict = EventVerdict {
                event: HexHash(hash),
                verdict: kind,
                leaf_index: self.known.places.get(&hash).copied(),
                reason,
                expected_seq: None,
            };
            self.check_verdict(bytes, &verdict)
                .map_err(|why| format!("event {hash} of a parcel: {why}"))?;
        }
        let waits = |verdict: &ParcelVerdict| matches!(verdict, ParcelVerdict::Deferred(_));
        if answer.verdicts.iter().any(waits) {
            return Ok(());
        }
        let first = self.parcel_answers.entry(answer.parcel).or_insert_with(|| body.to_vec());
        if first != body {
            return Err(format!("parcel {} was answered in two ways", answer.parcel));
        }
        Ok(())
    }

    /// Gives the events of a batch that the server took.
    fn events_of(&self, sent: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        if sent.first() != Some(&PACKED_VERSION) {
            let batch = Batch::parse(sent);
            return batch.map(|batch| batch.events).map_err(|e| format!("a taken batch: {e}"));
        }
        let header = PackedHeader::parse(sent).map_err(|e| format!("a taken batch: {e}"))?;
        let context = match header.roster() {
            None => PackContext::empty(),
            Some(name) => match self.rosters.get(&name.check) {
                Some(roster) => PackContext::of(roster),
                None => return Err("a batch was taken whose roster no device had".to_owned()),
            },
        };
        attendance::unpack(sent, &context).map_err(|error| format!("a taken batch: {error}"))
    }

    /// Keeps the rosters that devices have: batches are packed against them.
    pub(crate) fn remember_rosters(&mut self) {
        for phone in &self.phones {
            let roster = finish(phone.device.with(|device| device.roster().cloned()));
            if let Some(roster) = roster
                && let Some(name) = PackContext::of(&roster).name()
            {
                self.rosters.entry(name.check).or_insert(roster);
            }
        }
    }

    fn check_verdict(&self, bytes: &[u8], verdict: &EventVerdict) -> Result<(), String> {
        let hash = seal::sha256(bytes);
        if hash != verdict.event.0 {
            return Err("the verdict is about another event".to_owned());
        }
        if self.rewound {
            return Ok(());
        }
        match verdict.verdict {
            VerdictKind::Stored | VerdictKind::Duplicate => {
                let place = self.known.places.get(&hash).copied();
                if place.is_none() || place != verdict.leaf_index {
                    return Err(format!(
                        "it was taken as {:?}, it is {place:?}",
                        verdict.leaf_index
                    ));
                }
            }
            VerdictKind::Parked => {
                let kept = self.seen.query_row(
                    "SELECT bytes FROM parked WHERE hash = ?1",
                    [hash.0],
                    |row| row.get::<_, Vec<u8>>(0),
                );
                if kept.ok().as_deref() != Some(bytes) {
                    return Err("it was put aside, and is not there".to_owned());
                }
            }
            VerdictKind::Deferred => {}
        }
        self.check_fork(bytes, hash, verdict)
    }

    /// Two events with one number: never both taken, never without a word.
    fn check_fork(&self, bytes: &[u8], hash: Hash, verdict: &EventVerdict) -> Result<(), String> {
        let Ok(event) = UnverifiedEvent::parse(bytes) else { return Ok(()) };
        let (device, seq) = (event.event().device, event.event().seq);
        let Some(key) = self.known.key_of(device) else { return Ok(()) };
        if event.verify(&key).is_err() {
            return Ok(());
        }
        let taken = usize::try_from(seq).ok().and_then(|seq| {
            self.known.chains.get(&device).and_then(|chain| chain.get(seq)).copied()
        });
        let forked = taken.is_some_and(|taken| taken != hash);
        let reason = verdict.reason.as_deref().unwrap_or_default();
        if reason == "fork" && !forked {
            return Err(format!("it is no fork: {taken:?} is at its place"));
        }
        // What waited when its place was taken by another is looked at when it comes again.
        if forked && verdict.verdict != VerdictKind::Deferred {
            if !self.known.suspended.contains(&device) {
                return Err(format!("device {device} forked, and is not suspended"));
            }
            if verdict.verdict != VerdictKind::Parked {
                return Err("it forks its chain, and was not put aside".to_owned());
            }
        }
        if self.known.suspended.contains(&device) && !self.copied.contains(&device) {
            return Err(format!("device {device} is suspended, and there was never a copy of it"));
        }
        Ok(())
    }
}

/// Finds the signed notes in an answer, whatever its form.
fn notes(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(compact) = CompactReceipts::parse(body) {
        found.push(compact.checkpoint);
    } else if let Ok(json) = serde_json::from_slice(body) {
        notes_in(&json, &mut found);
    } else if let Ok(text) = std::str::from_utf8(body) {
        found.extend(is_note(text).then(|| text.to_owned()));
    }
    found
}

fn notes_in(json: &serde_json::Value, found: &mut Vec<String>) {
    match json {
        serde_json::Value::String(text) => found.extend(is_note(text).then(|| text.clone())),
        serde_json::Value::Array(all) => all.iter().for_each(|one| notes_in(one, found)),
        serde_json::Value::Object(all) => all.values().for_each(|one| notes_in(one, found)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

fn is_note(text: &str) -> bool {
    text.contains("\n\n\u{2014} ")
}
