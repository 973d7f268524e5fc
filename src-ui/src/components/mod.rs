//! Pieces that only show what they are given and report what was meant.

mod by_hand;
mod choose;
mod download;
mod header;
mod icon;
mod mark;
mod notice;
mod qr_code;

pub(crate) use by_hand::ByHand;
pub(crate) use choose::{ChooseOne, ChooseSome};
pub(crate) use download::{download, download_bytes};
pub(crate) use header::Header;
pub(crate) use icon::{Icon, Shape};
pub(crate) use mark::{MarkBadge, MarkPath};
pub(crate) use notice::{Loading, Notice};
pub(crate) use qr_code::QrCode;
