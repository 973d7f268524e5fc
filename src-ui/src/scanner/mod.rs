//! One seam, four sources: each gives the text of a QR Code, and nobody here reads what it says.
//!
//! - [`Frames`]: the camera's frames, decoded in a worker; continuous.
//! - [`ImageFile`]: a picture file.
//! - [`Typed`]: the short code under the QR, or a hand scanner that types.
//! - [`Native`]: the platform's scanner, in the app on Android and iOS.

mod camera;
mod controls;
mod decoder;
mod frames;
mod image;
mod keys;
mod native;
mod recent;
mod typed;

use ipc::ScanSource;

pub(crate) use decoder::measure;
pub(crate) use frames::Frames;
pub(crate) use image::ImageFile;
pub(crate) use keys::listen_to_hand_scanner;
pub(crate) use native::Native;
pub(crate) use typed::Typed;

/// What a source gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scanned {
    /// The text, as it was read or typed.
    pub(crate) text: String,
    /// Where it comes from.
    pub(crate) source: ScanSource,
    /// When the frame that shows it was taken, in milliseconds of the page's clock.
    pub(crate) seen_ms: Option<f64>,
}
