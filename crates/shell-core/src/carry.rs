//! Carrying by file: own parcels and those of others out, parcels and answers in.

use std::sync::{Arc, PoisonError};

use device::{CarriedError, Device, ParcelError};
use hub::{
    Carried, CarryError, CarryFile, CarryFileError, CarryLimits, ParcelStore, Standing, Word,
};
use ipc::{
    CarryFileView, CarryImportView, CollectView, DamageView, ErrorCode, ErrorView, HubView,
    ParcelState, ParcelView,
};
use seal::Hash;
use sync_api::BoardResponse;
use sync_client::SharedDevice;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::error::{self, ShellError};
use crate::shell::Shell;

/// What a carried file holds, counted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CarryOut {
    /// The file.
    pub file: CarryFile,
    /// The device that wrote it, for the file's name.
    pub device: attendance::DeviceId,
}

impl Shell {
    /// Gives the parcels that this device carries for others.
    ///
    /// # Errors
    /// [`CarryError`] if their folder cannot be opened. Nothing but carrying depends on it.
    pub fn parcels(&self) -> Result<Arc<ParcelStore>, CarryError> {
        let mut open = self.carrying.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*open {
            return Ok(Arc::clone(store));
        }
        let store = ParcelStore::open(&self.carrying.dir, CarryLimits::default())?;
        Ok(Arc::clone(open.insert(Arc::new(store))))
    }

    /// Is told about each parcel that arrives, and each time the server was reached.
    #[must_use]
    pub fn parcel_arrived(&self) -> Arc<Notify> {
        Arc::clone(&self.carrying.arrived)
    }

    /// Passes on in the background what this device carries. The task ends with the runtime.
    pub fn spawn_forwarding(&self) -> JoinHandle<()> {
        let shell = self.clone();
        tokio::spawn(async move {
            let store = match shell.parcels() {
                Ok(store) => store,
                Err(error) => {
                    tracing::warn!(%error, "nothing is carried for others");
                    return;
                }
            };
            let (transport, device) = (shell.sync.transport(), shell.device.clone());
            hub::run_forwarding(store, transport, device, shell.parcel_arrived()).await;
        })
    }

    /// Passes on now what this device carries for others.
    ///
    /// # Errors
    /// [`ShellError`] if the device is not enrolled, or an answer cannot be kept.
    pub async fn forward_now(&self) -> Result<hub::Forwarded, ShellError> {
        let known = self.device.with(|device| (hub::Destination::of(device), device.now().wall_ms));
        let (Some(to), now_ms) = known.await else { return Err(ShellError::NothingToExport) };
        let store = self.parcels()?;
        Ok(hub::forward(&store, &*self.sync.transport(), &to, now_ms).await?)
    }

    /// Makes a file to carry: own parcels, and unless `own` also all that is carried for others.
    ///
    /// # Errors
    /// [`ShellError`] if the device is not enrolled or knows no key to seal to.
    pub async fn carry_out(&self, own: bool) -> Result<CarryOut, ShellError> {
        write_carry_file(&self.device, &self.parcels()?, own).await
    }

    /// Takes a file that somebody carried. A second time it brings nothing new, and does no harm.
    ///
    /// # Errors
    /// [`ErrorView`] if it is no carry file, or for another server.
    pub async fn carry_in(&self, text: String) -> Result<CarryImportView, ErrorView> {
        let store = self.parcels().map_err(|why| of_carry(&why))?;
        let taken = take_carry_file(&self.device, &store, text).await?;
        if taken.parcels > 0 {
            self.carrying.arrived.notify_one();
        }
        Ok(taken)
    }

    /// Keeps a parcel of another device that came some way, and passes it on.
    pub(crate) async fn carry_parcel(&self, bytes: Vec<u8>) -> Result<(), ErrorView> {
        let store = self.parcels().map_err(|why| of_carry(&why))?;
        let kept = self.device.with(move |device| {
            let name = carriage::Parcel::name(&bytes);
            let own = device.events_of_parcel(name).map_err(error::of_store)?;
            if !own.is_empty() {
                return Ok(());
            }
            store.keep(name, &bytes, device.now().wall_ms).map_err(|why| of_carry(&why))
        });
        kept.await?;
        self.carrying.arrived.notify_one();
        Ok(())
    }

    /// Keeps the server's answer to a parcel of another device, for that device to fetch.
    pub(crate) async fn carry_answer(&self, bytes: Vec<u8>) -> Result<(), ErrorView> {
        let store = self.parcels().map_err(|why| of_carry(&why))?;
        let kept = self.device.with(move |device| match carriage_name(&bytes) {
            Some(parcel) => store.keep_answer(parcel, &bytes, device.now().wall_ms),
            None => Ok(()),
        });
        kept.await.map_err(|why| of_carry(&why))
    }

    pub(crate) async fn carry_export(&self, own: bool) -> Result<CarryFileView, ErrorView> {
        let out = self.carry_out(own).await.map_err(|why| {
            if matches!(why, ShellError::NothingToExport) {
                error::not_enrolled()
            } else {
                error::view(ErrorCode::Broken, why.to_string())
            }
        })?;
        Ok(CarryFileView {
            name: format!("qatysu-{}.carry", out.device),
            parcels: out.file.parcels.len() as u64,
            answers: out.file.answers.len() as u64,
            text: out.file.to_text(),
        })
    }

    pub(crate) async fn collect(&self) -> Result<CollectView, ErrorView> {
        let store = self.parcels().map_err(|why| of_carry(&why))?;
        let known = self.known_hubs().await;
        let hub = self.hub_view().await;
        self.device.with(move |device| collect(device, &store, hub, known)).await
    }

    /// Says how the hub of this device stands, in a program that cannot be one.
    #[cfg(not(feature = "hub"))]
    #[expect(clippy::unused_async, clippy::unused_self, reason = "the other one asks the device")]
    async fn hub_view(&self) -> HubView {
        HubView::default()
    }

    /// Refuses to be a hub, in a program that cannot be one.
    #[cfg(not(feature = "hub"))]
    #[expect(clippy::unused_async, clippy::unused_self, reason = "the other one opens a port")]
    pub(crate) async fn hub_switch(&self, _on: bool) -> Result<CollectView, ErrorView> {
        Err(error::view(ErrorCode::NotAllowed, "this program cannot be a hub: use a computer"))
    }
}

/// Makes a file to carry, of a device and the parcels that it carries: [`Shell::carry_out`] without a
/// shell.
///
/// # Errors
/// [`ShellError`] if the device is not enrolled or knows no key to seal to.
pub async fn write_carry_file(
    device: &SharedDevice,
    store: &Arc<ParcelStore>,
    own: bool,
) -> Result<CarryOut, ShellError> {
    match sync_client::seal_waiting(device).await {
        Ok(()) => {}
        // It can still carry for others.
        Err(sync_client::HubError::NoKey) if !own => {}
        Err(error) => return Err(ShellError::Carriage(error.to_string())),
    }
    let store = Arc::clone(store);
    device.with(move |device| carry_out(device, &store, own)).await
}

/// Takes a file that somebody carried: [`Shell::carry_in`] without a shell.
///
/// # Errors
/// [`ErrorView`] if it is no carry file, or for another server.
pub async fn take_carry_file(
    device: &SharedDevice,
    store: &Arc<ParcelStore>,
    text: String,
) -> Result<CarryImportView, ErrorView> {
    let store = Arc::clone(store);
    device.with(move |device| carry_in(device, &store, &text)).await
}

fn carry_out(device: &mut Device, store: &ParcelStore, own: bool) -> Result<CarryOut, ShellError> {
    let parcels = device.own_parcels().map_err(|why| ShellError::Carriage(why.to_string()))?;
    let enrolled = device.enrolment().ok_or(ShellError::NothingToExport)?;
    let mut file = CarryFile {
        origin: enrolled.origin().to_owned(),
        server: enrolled.server().to_owned(),
        parcels: parcels.into_iter().map(|parcel| (parcel.name, parcel.bytes)).collect(),
        ..CarryFile::default()
    };
    let certificate = enrolled.certificate_bytes().to_vec();
    let may_vouch = enrolled.role() != attendance::Role::Parent;
    for carried in store.list().into_iter().filter(|_| !own) {
        let parcel = carried.parcel;
        let bytes = if carried.waits() { store.parcel(parcel)? } else { None };
        let answer = store.answer(parcel)?;
        // Nobody gives a word for what was damaged here, or taken away.
        let is_here = bytes.is_some() || answer.is_some();
        file.parcels.extend(bytes.map(|bytes| (parcel, bytes)));
        file.answers.extend(answer.map(|answer| (parcel, answer)));
        if may_vouch && is_here && carried.header.is_some() {
            let acknowledgement = hub::acknowledge(device, carried.parcel, store)?;
            let certificate = certificate.clone();
            file.words.push(Word { parcel: carried.parcel, acknowledgement, certificate });
        }
    }
    Ok(CarryOut { file, device: device.id() })
}

fn carry_in(
    device: &mut Device,
    store: &ParcelStore,
    text: &str,
) -> Result<CarryImportView, ErrorView> {
    let origin = device.enrolment().ok_or_else(error::not_enrolled)?.origin().to_owned();
    let (file, damaged) = CarryFile::parse(text, &origin).map_err(|why| of_file(&why))?;
    let damaged = damaged.into_iter().map(|damage| DamageView {
        line: damage.line as u64,
        parcel: damage.parcel.map(|parcel| parcel.to_string()),
        what: damage.what.to_owned(),
    });
    let mut taken = CarryImportView { damaged: damaged.collect(), ..CarryImportView::default() };
    for (name, bytes) in file.parcels {
        take_parcel(device, store, (name, &bytes), &mut taken)?;
    }
    // Words first: what an answer settles needs none any more, and both may be in one file.
    for word in &file.words {
        take_word(device, word, &mut taken)?;
    }
    for (parcel, answer) in file.answers {
        take_answer(device, store, (parcel, &answer), &mut taken)?;
    }
    Ok(taken)
}

fn take_parcel(
    device: &Device,
    store: &ParcelStore,
    (name, bytes): (Hash, &[u8]),
    taken: &mut CarryImportView,
) -> Result<(), ErrorView> {
    let own = device.events_of_parcel(name).map_err(error::of_store)?;
    if !own.is_empty() {
        return Ok(());
    }
    if store.find(name).is_some_and(|carried| carried.header.is_some()) {
        taken.known += 1;
        return Ok(());
    }
    match store.keep(name, bytes, device.now().wall_ms) {
        Ok(()) => taken.parcels += 1,
        Err(why @ (CarryError::Full | CarryError::Io(_))) => return Err(of_carry(&why)),
        Err(why) => taken.damaged.push(damage(name, &why)),
    }
    Ok(())
}

fn take_word(
    device: &mut Device,
    word: &Word,
    taken: &mut CarryImportView,
) -> Result<(), ErrorView> {
    let events = device.events_of_parcel(word.parcel).map_err(error::of_store)?;
    if events.is_empty() {
        return Ok(());
    }
    let kept = device.store_carried(word.parcel, &events, &word.acknowledgement, &word.certificate);
    match kept {
        Ok(new) => taken.carried += new as u64,
        Err(CarriedError::Store(why)) => return Err(error::of_store(why)),
        Err(why) => taken.damaged.push(damage(word.parcel, &why)),
    }
    Ok(())
}

fn take_answer(
    device: &mut Device,
    store: &ParcelStore,
    (parcel, answer): (Hash, &[u8]),
    taken: &mut CarryImportView,
) -> Result<(), ErrorView> {
    match device.take_carried_answer(answer) {
        Ok(done) => {
            taken.answers += 1;
            taken.receipted += done.receipted as u64;
        }
        // The log signed it, for another device.
        Err(ParcelError::OtherParcel) => {
            let known = store.find(parcel).is_some_and(|carried| !carried.waits());
            let named = carriage_name(answer);
            if named != Some(parcel) {
                taken.damaged.push(damage(parcel, &"the answer is about another parcel"));
            } else if !known {
                let kept = store.keep_answer(parcel, answer, device.now().wall_ms);
                kept.map_err(|why| of_carry(&why))?;
                taken.passed_on += 1;
            }
        }
        Err(ParcelError::Store(why)) => return Err(error::of_store(why)),
        Err(why) => taken.damaged.push(damage(parcel, &why)),
    }
    Ok(())
}

/// Names the parcel that an answer says it answers.
fn carriage_name(answer: &[u8]) -> Option<Hash> {
    let answer = carriage::SignedParcelAnswer::parse(answer).ok()?;
    Some(answer.unverified_parcel())
}

fn damage(parcel: Hash, why: &dyn core::fmt::Display) -> DamageView {
    DamageView { line: 0, parcel: Some(parcel.to_string()), what: why.to_string() }
}

fn collect(
    device: &Device,
    store: &ParcelStore,
    hub: HubView,
    known: Vec<ipc::KnownHubView>,
) -> Result<CollectView, ErrorView> {
    device.enrolment().ok_or_else(error::not_enrolled)?;
    let board = device.cache("board").map_err(error::of_store)?;
    // Only a coordinator's device has a board. Without names the ids remain.
    let board = board.and_then(|kept| serde_json::from_str::<BoardResponse>(&kept.json).ok());
    let name_of = |id: attendance::DeviceId| {
        let lines = board.as_ref().map(|board| &board.devices)?;
        lines.iter().find(|line| line.device == id).map(|line| line.name.clone())
    };
    let listed = store.list();
    let waiting = listed.iter().filter(|carried| carried.waits());
    let view = |carried: &Carried| {
        let (state, reason) = match &carried.standing {
            Standing::Waiting => (ParcelState::Waiting, None),
            Standing::Refused { reason, .. } => (ParcelState::Refused, Some(reason.clone())),
            Standing::Answered { .. } => (ParcelState::Answered, None),
        };
        ParcelView {
            parcel: carried.parcel.to_string(),
            device: carried.header.map(|header| header.device.to_string()),
            name: carried.header.and_then(|header| name_of(header.device)),
            events: carried.header.map_or(0, |header| u64::from(header.events)),
            since_ms: carried.since_ms,
            state,
            reason,
        }
    };
    Ok(CollectView {
        hub,
        waiting: waiting.clone().count() as u64,
        oldest_waiting_ms: waiting.map(|carried| carried.since_ms).min(),
        answered: listed.iter().filter(|carried| !carried.waits()).count() as u64,
        damaged: store.damaged(),
        parcels: listed.iter().map(view).collect(),
        known,
    })
}

pub(crate) fn of_carry(why: &CarryError) -> ErrorView {
    let code = match why {
        CarryError::Full | CarryError::DeviceFull { .. } => ErrorCode::StorageFull,
        CarryError::Damaged
        | CarryError::Foreign(_)
        | CarryError::TooLarge { .. }
        | CarryError::Io(_)
        | _ => ErrorCode::Broken,
    };
    error::view(code, why.to_string())
}

fn of_file(why: &CarryFileError) -> ErrorView {
    let code = match why {
        CarryFileError::OtherServer { .. } => ErrorCode::OtherServer,
        CarryFileError::Foreign | CarryFileError::UnknownVersion { .. } | _ => {
            ErrorCode::NotACarryFile
        }
    };
    error::view(code, why.to_string())
}
