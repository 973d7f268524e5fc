//! The coordinator's board: months that become money, devices that fall silent, and what they leave here.

mod collect;
mod decisions;
mod device;
mod devices;
mod month;
mod months;
mod parked;
mod payment;
mod provider;
mod ticket;
mod undecided;

pub(crate) use collect::Collect;
pub(crate) use devices::Devices;
pub(crate) use months::Months;
pub(crate) use ticket::Ticket;
