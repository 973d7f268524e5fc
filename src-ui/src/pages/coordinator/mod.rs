//! The coordinator's board: months that become money, devices that fall silent, and what they leave here.

mod collect;
mod devices;
mod month;
mod months;
mod payment;
mod provider;

pub(crate) use collect::Collect;
pub(crate) use devices::Devices;
pub(crate) use months::Months;
