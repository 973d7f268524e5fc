//! From one screen to another: real pixels of an animated code, before a camera that loses half of them.

use carriage::{
    Collected, Collector, FRAME_HEADER_BYTES, Frame, FrameStream, Limits, Parcel, QR_SYMBOL_BYTES,
};
use ipc::{Brought, CollectedView, ErrorCode, FramesView};
use qr::camera::Camera;
use qr::{ErrorCorrection, LumaImage, decode_fast, encode};
use serde_json::json;
use system_tests::{Phone, Town, day, district};

/// How many frames are shown in a second.
const SHOWN_A_SECOND: u32 = 6;
const LIMITS: Limits = Limits { object_bytes: 256 * 1024, transfers: 3 };
/// Pixels that the symbol has across in the camera's picture of 640 × 480.
const ACROSS: f32 = 300.0;

/// A steady chance from a seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn one_in(&mut self, of: u64) -> bool {
        self.next().is_multiple_of(of)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// What the camera sees of a frame: turned a little, out of focus, grainy, sometimes badly so.
fn seen(frame: &Frame, chance: &mut Chance) -> LumaImage {
    let symbol = encode(&frame.to_text(), ErrorCorrection::L).expect("a frame fits");
    assert_eq!(symbol.version(), 10, "larger ones are not read from too far away");
    let picture = symbol.render(6, 4);
    let turn = chance.next() % 40;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let camera = Camera {
        rotation_degrees: turn as f32 - 20.0,
        blur_px: if chance.one_in(5) { 2.6 } else { 1.1 },
        noise: 8.0,
        light: 0.7,
        scale: ACROSS / picture.width() as f32,
        seed: chance.next(),
        ..Camera::default()
    };
    camera.photograph(&picture)
}

/// Shows frames until the object is on the other side; gives how many were shown.
fn show(object: &[u8], seed: u64) -> (Vec<u8>, u32) {
    let stream = FrameStream::new(object, QR_SYMBOL_BYTES).expect("frames");
    let strange = FrameStream::new(b"a code on the wall behind", 16).expect("frames");
    let (mut chance, mut collector) = (Chance(seed), Collector::new(LIMITS));
    let mut before = None;
    for number in 0.. {
        // Half of what is shown is never looked at: the camera exposes at the wrong moment.
        if chance.one_in(2) {
            continue;
        }
        let mut photographs = vec![seen(&stream.frame(number), &mut chance)];
        if chance.one_in(4) {
            photographs.extend(before.take());
        }
        before = photographs.first().cloned();
        let mut texts: Vec<String> =
            photographs.iter().flat_map(|picture| decode_fast(&picture.as_luma())).collect();
        if chance.one_in(6) {
            texts.push(strange.frame(number % 9).to_text());
            texts.push("OB1:NOT A FRAME".to_owned());
        }
        for text in texts {
            let Ok(frame) = Frame::parse_text(&text) else { continue };
            if let Collected::Whole(id, object) = collector.add(frame)
                && id == stream.transfer().id
            {
                return (object, number + 1);
            }
        }
    }
    unreachable!("the stream does not end")
}

#[tokio::test]
async fn three_hundred_events_go_over_a_screen_in_less_than_a_minute() {
    let town = Town::found_for(&day::district_of(300)).await;
    day::log_cards(town.server(), 300, town.card_key()).await;
    let teacher = town.teacher().await;
    let lesson = &district::lessons(district::CHESS)[0];
    let events =
        day::attend(&teacher, lesson, 300, |at_ms| town.set_clock(at_ms), town.card_key()).await;
    assert_eq!(events, 301);
    let made = teacher.shell.device().with(|device| device.make_parcel(60_000, [3; 32])).await;
    let made = made.expect("a parcel").expect("events wait");
    assert_eq!(made.events, 301);
    // The promise of the format: 80 bytes an event and its wrapping.
    assert!(made.bytes.len() <= 27_000, "{} bytes for 301 events", made.bytes.len());

    for seed in 1..=2 {
        let (came, shown) = show(&made.bytes, seed);
        assert_eq!(Parcel::name(&came), made.name);
        let seconds = f64::from(shown) / f64::from(SHOWN_A_SECOND);
        assert!(seconds < 60.0, "{seconds:.0} s: {shown} frames for {} bytes", came.len());
    }
    // The answer goes back the same way.
    let named = format!("parcel/{}", made.name);
    let answer = town.wire().put_bytes(&named, made.bytes).await;
    let (answer, shown) = show(&answer.body, 9);
    assert!(f64::from(shown) / f64::from(SHOWN_A_SECOND) < 30.0, "{shown} frames");
    let taken = teacher.shell.device().with(move |device| device.take_answer(&answer)).await;
    assert_eq!(taken.expect("the answer holds").receipted, 301);
}

#[tokio::test]
async fn two_devices_hand_a_parcel_over_and_the_answer_back() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = &district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    let collector = town.coordinator().await;
    let parcel = hand_over(&teacher, &collector).await;
    let device = teacher.shell.device().with(|device| device.id().to_string()).await;
    assert_eq!(parcel, Brought::Parcel { device, events: 4 });
    let bytes = collector.shell.take_collected_parcel().expect("it is kept behind the pages");
    assert_eq!(collector.shell.take_collected_parcel(), None);
    let named = format!("parcel/{}", Parcel::name(&bytes));
    let answer = town.wire().put_bytes(&named, bytes).await.body;
    collector.shell.show_object(&answer, 4).expect("it fits a screen");
    // The frames of what is shown: asked for from another number than 0, nothing is made anew.
    let view: FramesView =
        collector.call("parcel_frames", json!({ "from": 500, "count": 60 })).await;
    let brought = take(&teacher, &view.frames).await.expect("enough frames");
    assert_eq!(brought, Brought::Answer { taken: 4, parked: 0, receipted: 4 });
    assert_eq!(teacher.status().await.not_receipted, 0);
    let nothing = teacher.refused("parcel_frames", json!({ "from": 0, "count": 1 })).await;
    assert_eq!(nothing, ErrorCode::NotFound, "nothing waits any more");
    let foreign = teacher.refused("collect_frame", json!({ "text": "OB1:A CARD" })).await;
    assert_eq!(foreign, ErrorCode::BadRequest);
}

/// Hands what waits on one device to the other: every second frame is lost.
async fn hand_over(from: &Phone, to: &Phone) -> Brought {
    for page in 0.. {
        let args = json!({ "from": page * 60, "count": 60 });
        let view: FramesView = from.call("parcel_frames", args).await;
        let seen: Vec<String> = view.frames.into_iter().step_by(2).collect();
        if let Some(brought) = take(to, &seen).await {
            return brought;
        }
    }
    unreachable!("the frames do not end")
}

async fn take(phone: &Phone, frames: &[String]) -> Option<Brought> {
    for text in frames {
        let view: CollectedView = phone.call("collect_frame", json!({ "text": text })).await;
        if view.brought.is_some() {
            return view.brought;
        }
    }
    None
}

#[test]
fn a_frame_on_a_screen_fits_the_version_that_was_measured() {
    let stream = FrameStream::new(&[7; 10_000], QR_SYMBOL_BYTES).expect("frames");
    let text = stream.frame(1_000_000).to_text();
    assert_eq!(text.len(), 4 + (FRAME_HEADER_BYTES + usize::from(QR_SYMBOL_BYTES)) / 2 * 3);
    let symbol = encode(&text, ErrorCorrection::L).expect("it fits");
    assert_eq!(symbol.version(), 10);
    // One byte of the alphanumeric mode more would be a larger symbol.
    let longer = FrameStream::new(&[7; 10_000], QR_SYMBOL_BYTES + 4).expect("frames");
    let larger = encode(&longer.frame(0).to_text(), ErrorCorrection::L).expect("it fits");
    assert_eq!(larger.version(), 11);
}
