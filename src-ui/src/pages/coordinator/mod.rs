//! The coordinator's board: months that become money, and devices that fall silent.

mod devices;
mod month;
mod months;
mod payment;
mod provider;

pub(crate) use devices::Devices;
pub(crate) use months::Months;
