//! `qatysu`: the one command line, for operators, auditors and demonstrations.
//!
//! Absent on purpose: rules and storage; each command calls the room that owns the work.
//!
//! Exit codes: 0 fine, 1 refused or not found, 2 wrong usage, 3 broken. Start at [`Command`].
#![forbid(unsafe_code)]

mod admission;
mod audit;
mod backup;
mod budget;
mod bundle;
mod calendar;
mod card;
mod carry;
mod console;
mod demo;
mod device;
mod district;
mod export;
mod guide;
mod host;
mod hub;
mod import;
mod init;
mod kiosk;
mod lesson;
mod log;
mod payments;
mod picture;
mod provider;
mod rebuild;
mod receipt;
mod retention;
mod rows;
mod scan;
mod serve;
mod sheet;
mod signals;
mod ticket;
mod time;
mod tranche;
mod trust;
mod vault;
mod verify_paper;
mod views;
mod visit;
mod voucher;
mod what_if;
mod witness;
mod words;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::console::{Console, Exit, explain};

/// Attendance that an auditor can check: signed cards, receipts, tranches.
#[derive(Debug, Parser)]
#[command(name = "qatysu", version, propagate_version = true)]
#[command(after_help = "Examples:
  qatysu demo                       the whole way in a browser, on invented data
  qatysu demo --headless            the same way without a screen
  qatysu scan card.png | qatysu card show - --trust DIR
  qatysu audit bundle.json          recompute a month without a server

Exit codes: 0 fine, 1 refused or not found, 2 wrong usage, 3 broken.")]
struct Cli {
    /// Print one JSON value for a machine instead of lines for people.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole way on invented data, from a card to a paid tranche.
    Demo(demo::DemoArgs),
    /// Set up a server in an empty directory: keys, trust list, log.
    Init(init::InitArgs),
    /// Make a one-time enrolment ticket for a device.
    Ticket(ticket::TicketArgs),
    /// Run the sync server.
    Serve(serve::ServeArgs),
    Backup(backup::BackupArgs),
    Restore(backup::RestoreArgs),
    Retention(retention::RetentionArgs),
    Views(views::ViewsArgs),
    /// Copy and check a published log.
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Run a witness, which cosigns logs.
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// Change what a server's devices trust.
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    /// Run a device in a browser: a teacher's, a parent's or a coordinator's.
    Kiosk(kiosk::KioskArgs),
    Hub(hub::HubArgs),
    #[command(subcommand)]
    Carry(carry::CarryCommand),
    /// Work on a device's directory: export what it knows of the log; list, revoke and release devices.
    #[command(subcommand)]
    Device(device::DeviceCommand),
    Rebuild(rebuild::RebuildArgs),
    /// Issue, log, show and print cards.
    #[command(subcommand)]
    Card(card::CardCommand),
    #[command(subcommand)]
    District(district::DistrictCommand),
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Enter payment notices.
    #[command(subcommand)]
    Payments(payments::PaymentsCommand),
    Scan(scan::ScanArgs),
    /// Check receipts.
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    Budget(budget::BudgetArgs),
    /// Fetch a closed month's audit bundle or registry, as a coordinator's device.
    Bundle(bundle::BundleArgs),
    Audit(audit::AuditArgs),
    #[command(subcommand)]
    Export(export::ExportCommand),
    VerifyPaper(verify_paper::VerifyPaperArgs),
    Guide(guide::GuideArgs),
    Calendar(calendar::CalendarArgs),
    #[command(subcommand)]
    Lesson(lesson::LessonCommand),
    #[command(subcommand)]
    Visit(visit::VisitCommand),
    #[command(subcommand)]
    Admission(admission::AdmissionCommand),
    #[command(subcommand)]
    Provider(provider::ProviderCommand),
    #[command(subcommand)]
    Sheet(sheet::SheetCommand),
    #[command(subcommand)]
    Voucher(voucher::VoucherCommand),
    Signals(signals::SignalsArgs),
    Tranche(tranche::TrancheArgs),
    WhatIf(what_if::WhatIfArgs),
    /// Print the server's API as an OpenAPI 3.1 document.
    #[command(after_help = "Examples:
  qatysu openapi > openapi.json")]
    Openapi,
    /// Print shell completion.
    #[command(after_help = "Examples:
  qatysu completions bash > /etc/bash_completion.d/qatysu")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let console = Console { json: cli.json };
    match run(cli.command, console) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let text = explain(&error);
            console.json(&serde_json::json!({ "error": text }));
            eprintln!("error: {text}");
            Exit::Broken.into()
        }
    }
}

fn run(command: Command, console: Console) -> anyhow::Result<Exit> {
    match command {
        Command::Demo(args) => demo::run(&args, console),
        Command::Init(args) => init::run(&args, console),
        Command::Ticket(args) => ticket::run(&args, console),
        Command::Serve(args) => serve::run(&args, console),
        Command::Backup(args) => backup::back_up(&args, console),
        Command::Restore(args) => backup::restore(&args, console),
        Command::Retention(args) => retention::run(&args, console),
        Command::Views(args) => views::run(&args, console),
        Command::Log(command) => log::run(&command, console),
        Command::Witness(command) => witness::run(&command, console),
        Command::Trust(command) => trust::run(&command, console),
        Command::Kiosk(args) => kiosk::run(&args, console),
        Command::Hub(args) => hub::run(&args, console),
        Command::Carry(command) => carry::run(&command, console),
        Command::Device(command) => device::run(&command, console),
        Command::Rebuild(args) => rebuild::run(&args, console),
        Command::Card(command) => card::run(&command, console),
        Command::District(command) => district::run(&command, console),
        Command::Import(command) => import::run(&command, console),
        Command::Payments(command) => payments::run(&command, console),
        Command::Scan(args) => scan::run(&args, console),
        Command::Receipt(command) => receipt::run(&command, console),
        Command::Budget(args) => budget::run(&args, console),
        Command::Bundle(args) => bundle::run(&args, console),
        Command::Audit(args) => audit::run(&args, console),
        Command::Export(command) => export::run(&command, console),
        Command::VerifyPaper(args) => verify_paper::run(&args, console),
        Command::Guide(args) => guide::run(&args, console),
        Command::Calendar(args) => calendar::run(&args, console),
        Command::Lesson(command) => lesson::run(command, console),
        Command::Visit(command) => visit::run(command, console),
        Command::Admission(command) => admission::run(&command, console),
        Command::Provider(command) => provider::run(&command, console),
        Command::Sheet(command) => sheet::run(&command, console),
        Command::Voucher(command) => voucher::run(&command, console),
        Command::Signals(args) => signals::run(&args, console),
        Command::Tranche(args) => tranche::run(&args, console),
        Command::WhatIf(args) => what_if::run(&args, console),
        Command::Openapi => {
            console.raw(&server::openapi());
            Ok(Exit::Fine)
        }
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "qatysu", &mut out);
            console.raw(String::from_utf8_lossy(&out).trim_end());
            Ok(Exit::Fine)
        }
    }
}
