//! Pixels → text and text → symbol, for QR Codes.
//!
//! Absent on purpose: any idea of what a text says, cameras and files, colour, clocks, randomness
//! and threads; other barcodes (Micro QR, `DataMatrix`, EAN); writing picture files.
//!
//! # Invariants
//! - No picture is known to make [`decode()`] panic, and none makes it run without bound.
//! - The same picture gives the same texts, each once, in reading order.
//! - What [`encode`] makes, [`decode()`] reads.
//!
//! Start at [`decode()`], [`FrameReader`] and [`encode`]. With the feature `camera-model` there is also
//! `camera::Camera`, a deterministic bad camera for tests.
#![forbid(unsafe_code)]

#[cfg(feature = "camera-model")]
pub mod camera;
mod decode;
mod luma;
mod symbol;

pub use decode::{FrameReader, decode, decode_fast};
pub use luma::{Luma, LumaImage, MAX_PIXELS, MAX_SIDE, PictureError};
pub use symbol::{EncodeError, ErrorCorrection, Symbol, encode};
