//! The coordinator's board: months that become money, and devices that fall silent.

mod decisions;
mod device;
mod devices;
mod month;
mod months;
mod parked;
mod payment;
mod provider;
mod ticket;

pub(crate) use devices::Devices;
pub(crate) use months::Months;
