//! What goes to the server by somebody else's hands: events as they are, or sealed in a parcel whose answer
//! comes back, or not.

use device::ParcelError;
use sync_api::{Batch, PARCEL_MEDIA_TYPE};
use sync_client::{Call, Method};

use super::carriers::events_in;
use super::hands::finish;
use super::network::ADDRESS;
use super::step::{Fault, FaultKind};
use super::world::World;

impl World {
    /// Has a carrier send events of another device.
    pub(crate) fn carry(&mut self, by: u8, of: u8, from: Option<u8>) -> Result<String, String> {
        let phones = (self.phones.get(usize::from(by)), self.phones.get(usize::from(of)));
        let (Some(carrier), Some(owner)) = phones else { return Ok(String::new()) };
        let expected = || self.known.chains.get(&self.id_of(usize::from(of))).map_or(0, Vec::len);
        let from = from.map_or_else(expected, usize::from);
        let from = i64::try_from(from).unwrap_or_default();
        let mut statement = owner
            .seen
            .prepare_cached("SELECT bytes FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 20")
            .map_err(|error| error.to_string())?;
        let rows = statement.query_map([from], |row| row.get(0)).map_err(|e| e.to_string())?;
        let events: Vec<Vec<u8>> = rows.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
        let Some(server) = self.network.any() else { return Ok(String::new()) };
        // Any enrolled device may carry; one that is not would not come so far.
        let enrolled = finish(carrier.device.with(|device| device.enrolment().is_some()));
        if events.is_empty() || !enrolled {
            return Ok(String::new());
        }
        let bytes = Batch { events }.to_bytes();
        let ingested = finish(server.ingest(Batch::hash(&bytes), &bytes));
        let answer =
            ingested.map_err(|error| format!("a carried batch broke the server: {error}"))?;
        Ok(format!("carried: {:?}", answer.verdicts.iter().map(|v| v.verdict).collect::<Vec<_>>()))
    }

    /// Seals what waits on a device, and has it brought: once, and a second time if no answer came.
    pub(crate) fn parcel(
        &mut self,
        of: u8,
        small: bool,
        faults: &[Fault],
    ) -> Result<String, String> {
        let random = self.chance.bytes();
        let number = usize::from(of);
        let Some(phone) = self.phones.get(number) else { return Ok(String::new()) };
        let limit = if small { SMALL } else { carriage::PARCEL_MAX_BYTES };
        let made = match finish(phone.device.with(move |device| device.make_parcel(limit, random)))
        {
            Ok(Some(made)) => made,
            Ok(None) => return Ok("nothing waits".to_owned()),
            Err(error @ (ParcelError::Seal(_) | ParcelError::Sign(_))) => {
                return Err(format!("device {of} does not seal: {error}"));
            }
            Err(ParcelError::Store(error)) if !phone.disk_full => {
                return Err(format!("device {of} does not seal: {error}"));
            }
            Err(error) => return Ok(format!("no parcel: {error}")),
        };
        let events = events_in(&phone.seen, made.name).map_err(|error| error.to_string())?;
        if events.len() != made.events {
            return Err(format!("a parcel of {} events names {}", made.events, events.len()));
        }
        self.parcels.insert(made.name, events);
        self.network.plan(faults);
        let call = Call {
            method: Method::Put,
            url: format!("{ADDRESS}/v1/parcel/{}", made.name),
            token: None,
            accept: None,
            body: Some((PARCEL_MEDIA_TYPE, made.bytes)),
            pinned: None,
        };
        let mut said = format!("{} events are on their way", made.events);
        for turn in 0u8..2 {
            let Ok(answer) = finish(self.network.carry(of, call.clone())) else { continue };
            if answer.status != 200 {
                continue;
            }
            let clean = !faults.iter().any(|fault| fault.call == turn && changes(fault.kind));
            said = self.take_answer(number, answer.body, clean)?;
            break;
        }
        self.network.plan(&[]);
        Ok(said)
    }

    fn take_answer(
        &mut self,
        number: usize,
        answer: Vec<u8>,
        clean: bool,
    ) -> Result<String, String> {
        let phone = &self.phones[number];
        match finish(phone.device.with(move |device| device.take_answer(&answer))) {
            Ok(taken) => Ok(format!("{taken:?}")),
            Err(ParcelError::Store(_)) if phone.disk_full => Ok("its disk is full".to_owned()),
            Err(error) if clean && !self.rewound => {
                Err(format!("device {number} does not take a true answer: {error}"))
            }
            Err(error) => Ok(format!("not taken: {error}")),
        }
    }
}

/// Whether something else than the server's answer may arrive.
fn changes(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::FlipAnswer(_)
            | FaultKind::CutAnswer(_)
            | FaultKind::OldAnswer
            | FaultKind::FalseReceipts(_)
            | FaultKind::FlipRequest(_)
    )
}

/// So many bytes hold an event or two.
const SMALL: usize = 900;
