//! A family's places: what is offered with the own children's vouchers, as the server says, and the answer.
//!
//! An answer is an event of this device, kept before anything is sent. Whether it was in time is the log's
//! to say; what this device knows to be over is not asked for any more.

use device::{Device, VoucherAnswer};
use ipc::{ErrorView, PlaceAnswer, PlaceAnsweredView, PlaceState, PlaceView};
use sync_api::{PlaceResponse, PlacesResponse};

use crate::error::{self, parse_id};
use crate::parent::UNKNOWN;
use crate::shell::Shell;
use crate::status::mark_view;
use crate::teacher::day_number;

impl Shell {
    /// Lists the vouchers in force of the own children, those first that ask for an answer.
    pub(crate) async fn places(&self) -> Result<Vec<PlaceView>, ErrorView> {
        self.device.with(|device| place_views(device)).await
    }

    /// Records a family's answer.
    pub(crate) async fn answer_place(
        &self,
        voucher: &str,
        answer: PlaceAnswer,
    ) -> Result<Vec<PlaceView>, ErrorView> {
        let voucher = parse_id(voucher)?;
        self.device
            .with(move |device| {
                let (told, as_of_ms) = told(device)?;
                let place = told.into_iter().find(|place| place.voucher == voucher);
                let place =
                    place.ok_or_else(|| error::not_found("no such voucher is known here"))?;
                let child = place.child;
                let view = place_view(device, place, as_of_ms)?;
                if !view.takes(answer) {
                    return Err(error::not_found("there is no such place to answer now"));
                }
                let said = match answer {
                    PlaceAnswer::Accept => VoucherAnswer::Accept,
                    PlaceAnswer::Decline => VoucherAnswer::Decline,
                };
                device.answer_voucher((voucher, child), said, None).map_err(error::of_record)?;
                place_views(device)
            })
            .await
    }
}

fn place_views(device: &Device) -> Result<Vec<PlaceView>, ErrorView> {
    let (told, as_of_ms) = told(device)?;
    let views = told.into_iter().map(|place| place_view(device, place, as_of_ms));
    let mut views = views.collect::<Result<Vec<_>, _>>()?;
    views.sort_by_key(|view| (view.state != PlaceState::Offered, view.child.clone()));
    Ok(views)
}

/// Gives what the server said last, and when.
fn told(device: &Device) -> Result<(Vec<PlaceResponse>, i64), ErrorView> {
    let Some(kept) = device.cache("places").map_err(error::of_store)? else {
        return Ok((Vec::new(), 0));
    };
    // What another version kept comes again with the next sync.
    let told: Option<PlacesResponse> = serde_json::from_str(&kept.json).ok();
    Ok((told.map_or(Vec::new(), |told| told.vouchers), kept.fetched_ms))
}

fn place_view(
    device: &Device,
    place: PlaceResponse,
    as_of_ms: i64,
) -> Result<PlaceView, ErrorView> {
    let today = day_number(device.best_now_ms().map_err(error::of_store)?);
    let own = device.voucher_answered(place.voucher).map_err(error::of_store)?;
    let told = |event| place.answers.iter().any(|said| said.0 == event);
    let answered = own.filter(|own| !told(own.event)).and_then(|own| {
        let answer = match own.answer {
            VoucherAnswer::Accept => PlaceAnswer::Accept,
            VoucherAnswer::Decline => PlaceAnswer::Decline,
            // It gives the whole voucher back: the page does not offer that.
            VoucherAnswer::Refuse => return None,
        };
        Some(PlaceAnsweredView { answer, mark: mark_view(own.mark) })
    });
    let over = place.until_day.is_some_and(|until| until < today);
    let state = match place.state.as_str() {
        // An answer that was given in time waits for its receipt, however long that takes.
        "offered" | "booked" if over && answered.is_none() => PlaceState::Missed,
        "offered" => PlaceState::Offered,
        "booked" => PlaceState::Booked,
        "contracted" => PlaceState::Contracted,
        _ => PlaceState::Waiting,
    };
    let name = device.roster().and_then(|roster| roster.child(place.child, None));
    let left = place.days_left.iter().filter(|day| **day > today).count();
    Ok(PlaceView {
        voucher: place.voucher.to_string(),
        number: place.number,
        child: name.map_or_else(|| UNKNOWN.to_owned(), |child| child.name.clone()),
        state,
        provider: place.provider,
        group: place.group,
        until: place.until_day.map(day_text),
        days_left: u32::try_from(left).unwrap_or(u32::MAX),
        answered,
        not_taken: place.not_taken,
        as_of_ms,
    })
}

fn day_text(day: u32) -> String {
    format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100)
}
