//! What the log says of one voucher, of a provider and of a sheet, for people who ask: nothing here is
//! decided, everything is computed.

mod admission;
mod budget;
mod family;
mod holds;
mod provider;
mod sheet_at;
mod voucher;
mod vouchers;

pub use admission::{AdmissionReport, AdmissionRow, admission_report};
pub use budget::{
    BudgetMonth, BudgetReport, BudgetYear, MoneyPlaces, OverCommitment, Unbudgeted, budget_report,
};
pub use family::{FamilyVoucher, family_vouchers};
pub use holds::{HoldProposal, HoldReport, holds_report};
pub use provider::{GroundReport, ProviderReport, UnpaidAct, providers_report};
pub use sheet_at::SheetAt;
pub use voucher::{
    ActReport, PartReport, PersonalAccount, PlaceReport, StepReport, VoucherReport, voucher_report,
};
pub use vouchers::{BookingReport, VoucherReportState, VoucherRow, voucher_rows};

use std::collections::BTreeMap;

use attendance::ProviderId;

use crate::account::Accounts;
use crate::calendar::Month;
use crate::payment::{PaymentState, PaymentStatus, payments_of};
use crate::visit::LoggedEvent;

/// How the payments of every closed month stand.
fn all_payments(
    accounts: &Accounts,
    events: &[LoggedEvent],
) -> BTreeMap<(Month, ProviderId), PaymentStatus> {
    let of_month = accounts.months.iter().flat_map(|month| {
        let size = month.close.saturating_add(1);
        let payments = payments_of(month.month, size, month.due(), events).into_iter();
        payments.map(|status| ((month.month, status.provider), status))
    });
    of_month.collect()
}

/// Gives the document and leaf of a payment, once it is made.
fn paid(status: Option<&PaymentStatus>) -> Option<(String, u64)> {
    let PaymentState::Paid { document, index } = &status?.state else { return None };
    Some((document.clone(), *index))
}
