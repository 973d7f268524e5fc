//! Pieces that only show what they are given and report what was meant.

mod absence_form;
mod absence_note;
mod animated_code;
mod bars;
mod by_hand;
mod choose;
mod collect_frames;
mod confirm;
mod download;
mod header;
mod heat_map;
mod icon;
mod long_list;
mod mark;
mod notice;
mod picture;
mod qr_code;
mod rows;

pub(crate) use absence_form::AbsenceForm;
pub(crate) use absence_note::AbsenceNote;
pub(crate) use animated_code::AnimatedCode;
pub(crate) use bars::{Bar, Bars, Column, Columns};
pub(crate) use by_hand::{ByHand, Reasons};
pub(crate) use choose::{ChooseOne, ChooseSome};
pub(crate) use collect_frames::CollectFrames;
pub(crate) use confirm::Confirm;
pub(crate) use download::{download, download_bytes};
pub(crate) use header::Header;
pub(crate) use heat_map::{Cell, HeatMap};
pub(crate) use icon::{Icon, Shape};
pub(crate) use long_list::LongList;
pub(crate) use mark::{MarkBadge, MarkPath};
pub(crate) use notice::{Loading, Notice};
pub(crate) use qr_code::QrCode;
pub(crate) use rows::{Rows, content};
