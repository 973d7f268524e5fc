//! Telling an operator what a rebuild found.

use attendance::Role;
use server::rebuild::{Computed, LostRange, Report};

use crate::console::{Colour, Console, paint};

/// Tells the report: the gravest first, the verdict last.
pub(super) fn tell(report: &Report, fill: bool, dry_run: bool, console: Console) {
    for found in &report.contradictions {
        console.line(paint("TWO HISTORIES", Colour::Red));
        console.line(format!("  {}", found.what));
        console.line(format!("  seen in {}", found.first));
        console.line(format!("  and in  {}", found.second));
        console.line("  keep both files: together they prove it to anybody who has the log's key");
    }
    for refused in &report.refused {
        let refusal = paint("not believed", Colour::Red);
        console.line(format!("{refusal}  {}: {}", refused.source, refused.why));
    }
    console.line(format!("log        {}", report.origin));
    if let (Some(size), Some(root)) = (report.size, &report.root) {
        console.line(format!("checkpoint {size} leaves, root {root}"));
    }
    let (opened, again) = (report.opened, report.made_again);
    console.line(format!("opened     {opened} leaves, {again} of them made again from the keys"));
    for month in &report.months {
        let verdict = match month.computed {
            Computed::Identical => "computed again, identical",
            Computed::LeavesLost => "by its signature alone: leaves before its close are lost",
            Computed::Different => "NOT what the log gives",
        };
        console.line(format!("month      {}, leaf {}: {verdict}", month.month, month.leaf_index));
    }
    tell_chains(report, console);
    for range in &report.lost {
        console.line(lost(range));
    }
    console.line("no copy brings back:");
    for thing in &report.not_in_copies {
        console.line(format!("  {thing}"));
    }
    tell_verdict(report, fill, dry_run, console);
}

fn tell_chains(report: &Report, console: Console) {
    for chain in &report.chains {
        let role = match chain.role {
            Role::Teacher => "teacher",
            Role::Parent => "parent",
            Role::Coordinator => "coordinator",
            Role::ProviderAdmin => "provider's administrator",
            Role::Delegate => "delegate",
            Role::Issuer => "issuer",
        };
        let mut line = format!("device     {} ({role}, {})", chain.device, chain.name);
        line = format!("{line}: {} events", chain.events);
        if chain.to_come > 0 {
            line = format!("{line}, {} more that it sends by itself", chain.to_come);
        }
        if !chain.gaps.is_empty() {
            let gaps: Vec<_> = chain.gaps.iter().map(|(from, to)| span(*from, *to)).collect();
            line = format!("{line}, missing: {}", gaps.join(", "));
        }
        if chain.suspended {
            line = format!("{line}, suspended: it has two histories");
        }
        console.line(line);
    }
}

fn lost(range: &LostRange) -> String {
    let mut line =
        format!("{}       leaf {}", paint("lost", Colour::Red), span(range.from, range.to));
    if !range.about.is_empty() {
        let children: Vec<_> = range.about.iter().map(ToString::to_string).collect();
        line = format!("{line}, about child {}: ask the family", children.join(", "));
    }
    if range.hash_known { line } else { format!("{line}, not even its hash is known") }
}

fn span(from: u64, to: u64) -> String {
    if from == to { from.to_string() } else { format!("{from}–{to}") }
}

fn tell_verdict(report: &Report, fill: bool, dry_run: bool, console: Console) {
    let lost: u64 = report.lost.iter().map(|range| range.to - range.from + 1).sum();
    if !report.obstacles.is_empty() {
        console.line(format!("{}: nothing was written", paint("refused", Colour::Red)));
        for obstacle in &report.obstacles {
            console.line(format!("  {obstacle}"));
        }
    } else if dry_run {
        console.line(format!("dry run: nothing was written, {lost} leaves would be lost"));
    } else if fill && !report.written {
        console.line(format!("nothing came back, {lost} leaves are still lost"));
    } else if lost == 0 {
        console.line(format!("{}: the same root, no leaf is lost", paint("whole", Colour::Green)));
    } else {
        console.line(format!("written: the same root, {lost} leaves are lost"));
        console
            .line("  ask for more exports and add them with --fill; until then no month is closed");
    }
}
