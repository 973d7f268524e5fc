//! `qatysu import vouchers`

use std::path::PathBuf;

use attendance::ChildId;
use ledger::Iin;
use server::District;
use server::tables::{ChildNumbers, ColumnNames, Row, Rows, TableFinding, TableKind};

use super::{Common, import};
use crate::console::{Console, Exit};
use crate::rows;

/// Take vouchers with their contracts.
///
/// Columns: voucher_number, child (the pseudonym, or an IIN with --children), group (name or id), sum (the
/// voucher's total in tenge), from, to; and provider_bin where several providers have a group of that
/// name. No voucher goes beyond 31 December.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu import vouchers vouchers.xlsx --data /var/lib/qatysu --dry-run
  qatysu import vouchers vouchers.csv --data /var/lib/qatysu --children assigned.csv --lang ru

--children takes the file that `qatysu import children --assigned` wrote.")]
pub(crate) struct VouchersArgs {
    #[command(flatten)]
    common: Common,
    /// Which IIN is which child: the file of `qatysu import children --assigned`
    #[arg(long, value_name = "FILE.csv")]
    children: Option<PathBuf>,
}

const ASSIGNED: &[ColumnNames] =
    &[ColumnNames { name: "child", also: &[] }, ColumnNames { name: "iin", also: &[] }];

pub(super) fn run(args: &VouchersArgs, console: Console) -> anyhow::Result<Exit> {
    let numbers = match &args.children {
        Some(path) => rows::read(path, ASSIGNED, &["child", "iin"])?.map(|rows| known(&rows)),
        None => Ok(ChildNumbers::new()),
    };
    let rows = match &numbers {
        Ok(_) => rows::read_kind(&args.common.file, TableKind::Vouchers),
        Err(TableFinding::Missing(names)) => Ok(Err(TableFinding::Missing(names.clone()))),
        Err(TableFinding::File(_)) => Ok(Err(TableFinding::Missing(vec!["child", "iin"]))),
    };
    let numbers = numbers.unwrap_or_default();
    let apply = |rows: &Rows, district: &mut District, console: Console| {
        Ok(TableKind::Vouchers.take(rows, district, &numbers, &rows::how_far(console)))
    };
    import(&args.common, rows, console, apply, || Ok(()))
}

/// Reads which number is which child; a row without both says nothing.
fn known(rows: &Rows) -> ChildNumbers {
    let pair = |row: Row<'_>| {
        Some((Iin::parse(row.cell("iin")).ok()?, row.cell("child").parse::<ChildId>().ok()?))
    };
    rows.each(&|_, _| {}).filter_map(pair).collect()
}
