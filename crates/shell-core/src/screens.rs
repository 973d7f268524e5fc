//! From one screen to another: frames out, frames in. What is shown and what has come is kept here,
//! behind the pages; a page knows texts of QR Codes only.

use std::sync::{Mutex, PoisonError};

use carriage::{
    Collected, Collector, Frame, FrameStream, Limits, PARCEL_MAX_BYTES, Parcel, QR_SYMBOL_BYTES,
    SignedParcelAnswer,
};
use device::ParcelError;
use ipc::{Brought, CollectedView, ErrorCode, ErrorView, FramesView};

use crate::error;
use crate::shell::Shell;

/// The longest that is taken from a screen: an export of a day or two, and any parcel.
const LIMITS: Limits = Limits { object_bytes: 1024 * 1024, transfers: 3 };
/// The most frames in one answer to a page.
const FRAMES_MAX: u32 = 200;

/// What is on the screen, and what has come from others.
#[derive(Debug)]
pub(crate) struct Screens(Mutex<State>);

#[derive(Debug)]
struct State {
    shown: Option<Shown>,
    collector: Collector,
    /// The last parcel of another device that came.
    parcel: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Shown {
    stream: FrameStream,
    events: u64,
    left: u64,
}

impl Default for Screens {
    fn default() -> Self {
        let collector = Collector::new(LIMITS);
        Self(Mutex::new(State { shown: None, collector, parcel: None }))
    }
}

impl Screens {
    fn with<T>(&self, turn: impl FnOnce(&mut State) -> T) -> T {
        turn(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shell {
    /// Gives frames of the parcel with what waits here. From number 0 on it is made anew.
    pub(crate) async fn parcel_frames(
        &self,
        from: u32,
        count: u32,
    ) -> Result<FramesView, ErrorView> {
        if from == 0 {
            self.show_own_parcel().await?;
        }
        let frames = self.screens.with(|state| {
            let shown = state.shown.as_ref()?;
            let numbers = from..from.saturating_add(count.min(FRAMES_MAX));
            Some(FramesView {
                events: shown.events,
                left: shown.left,
                needed: shown.stream.transfer().symbols(),
                frames: numbers.map(|number| shown.stream.frame(number).to_text()).collect(),
            })
        });
        frames.ok_or_else(|| error::not_found("nothing waits: there is nothing to carry"))
    }

    /// Shows any bytes on this screen, in frames for [`Request::ParcelFrames`](ipc::Request): the
    /// answer to a parcel that was brought here, for one.
    ///
    /// # Errors
    /// [`ErrorView`] if they are too long for a screen.
    pub fn show_object(&self, bytes: &[u8], events: u64) -> Result<(), ErrorView> {
        let stream = FrameStream::new(bytes, QR_SYMBOL_BYTES)
            .map_err(|why| error::view(ErrorCode::Broken, why.to_string()))?;
        self.screens.with(|state| state.shown = Some(Shown { stream, events, left: 0 }));
        Ok(())
    }

    /// Gives the last parcel of another device that came from a screen, once.
    #[must_use]
    pub fn take_collected_parcel(&self) -> Option<Vec<u8>> {
        self.screens.with(|state| state.parcel.take())
    }

    async fn show_own_parcel(&self) -> Result<(), ErrorView> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|why| error::view(ErrorCode::Broken, why.to_string()))?;
        let made = self.device.with(move |device| device.make_parcel(PARCEL_MAX_BYTES, random));
        let made = made.await.map_err(|why| of_parcel(&why))?;
        let shown = made.map(|made| {
            let stream = FrameStream::new(&made.bytes, QR_SYMBOL_BYTES)
                .map_err(|why| error::view(ErrorCode::Broken, why.to_string()))?;
            Ok(Shown { stream, events: made.events as u64, left: made.left as u64 })
        });
        let shown = shown.transpose()?;
        self.screens.with(|state| state.shown = shown);
        Ok(())
    }

    /// Takes the text of a frame from another screen.
    pub(crate) async fn collect_frame(&self, text: &str) -> Result<CollectedView, ErrorView> {
        let frame = Frame::parse_text(text)
            .map_err(|why| error::view(ErrorCode::BadRequest, why.to_string()))?;
        let needed = frame.transfer.symbols();
        let progress = |received| CollectedView { received, needed, brought: None };
        match self.screens.with(|state| state.collector.add(frame)) {
            Collected::Part(_, part) => Ok(progress(part.received)),
            Collected::Known(_) => Ok(progress(needed)),
            Collected::Spoiled(_) => Ok(progress(0)),
            Collected::TooLarge(_) => {
                Err(error::view(ErrorCode::BadRequest, "this is too long to take from a screen"))
            }
            Collected::Whole(_, object) => {
                let brought = Some(self.brought(object).await?);
                Ok(CollectedView { received: needed, needed, brought })
            }
        }
    }

    /// Says what came, and does what there is to do with it on this device.
    async fn brought(&self, object: Vec<u8>) -> Result<Brought, ErrorView> {
        if SignedParcelAnswer::parse(&object).is_ok() {
            let taken = self.device.with({
                let object = object.clone();
                move |device| device.take_carried_answer(&object)
            });
            let taken = match taken.await {
                // It is carried to the device that waits for it.
                Err(ParcelError::OtherParcel) => {
                    self.carry_answer(object).await?;
                    return Ok(Brought::Other {});
                }
                taken => taken.map_err(|why| of_parcel(&why))?,
            };
            return Ok(Brought::Answer {
                taken: taken.taken as u64,
                parked: taken.parked as u64,
                receipted: taken.receipted as u64,
            });
        }
        let Ok(parcel) = Parcel::parse(&object) else { return Ok(Brought::Other {}) };
        let header = parcel.header();
        self.carry_parcel(object.clone()).await?;
        self.screens.with(|state| state.parcel = Some(object));
        Ok(Brought::Parcel { device: header.device.to_string(), events: u64::from(header.events) })
    }
}

fn of_parcel(why: &ParcelError) -> ErrorView {
    let code = match why {
        ParcelError::NoKey => ErrorCode::NotEnrolled,
        ParcelError::OtherParcel => ErrorCode::NotFound,
        ParcelError::Answer(_) | ParcelError::Receipt(_) | ParcelError::Key(_) => {
            ErrorCode::ProofAlarm
        }
        ParcelError::Seal(_) | ParcelError::Sign(_) | ParcelError::Store(_) | _ => {
            ErrorCode::Broken
        }
    };
    error::view(code, why.to_string())
}
