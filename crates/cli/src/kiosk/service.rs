//! A systemd unit for a school's PC.

use anyhow::{Context as _, bail};

use super::KioskArgs;
use crate::ticket::RoleName;

/// Writes the unit of a kiosk with these arguments. A ticket is used once and a clock is for
/// demonstrations: neither belongs into a unit.
pub(super) fn unit(args: &KioskArgs) -> anyhow::Result<String> {
    if args.ticket.is_some() || args.clock.is_some() {
        bail!("a service has no --ticket and no --clock: enrol the device once on its page");
    }
    let program = std::env::current_exe().context("the program does not find itself")?;
    let data = std::path::absolute(&args.data)?.display().to_string();
    let role = match args.role {
        RoleName::Teacher => "teacher",
        RoleName::Parent => "parent",
        RoleName::Coordinator => "coordinator",
        RoleName::ProviderAdmin => "provider-admin",
    };
    let mut command = vec![
        program.display().to_string(),
        "kiosk".to_owned(),
        "--data".to_owned(),
        data.clone(),
        "--role".to_owned(),
        role.to_owned(),
        "--listen".to_owned(),
        args.listen.to_string(),
    ];
    if let Some(hub) = args.hub {
        command.extend(["--hub".to_owned(), hub.to_string()]);
    }
    if let Some(ui) = &args.ui {
        command.extend(["--ui".to_owned(), std::path::absolute(ui)?.display().to_string()]);
    }
    if let Some(file) = &args.passphrase_file {
        if file.as_os_str() == "-" {
            bail!("a service has nobody to type: give --passphrase-file a file");
        }
        let file = std::path::absolute(file)?.display().to_string();
        command.extend(["--passphrase-file".to_owned(), file]);
    }
    let command: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    let (command, data) = (command.join(" "), quoted(&data));
    Ok(format!(
        "# Install: save as /etc/systemd/system/qatysu-kiosk.service, then\n\
         #   useradd --system --home-dir {data} qatysu; install -d -o qatysu -m 700 {data}\n\
         #   systemctl daemon-reload; systemctl enable --now qatysu-kiosk\n\
         # The page is at http://{listen} on this computer only.\n\
         [Unit]\n\
         Description=Qatysu kiosk ({role})\n\
         Wants=network-online.target\n\
         After=network-online.target\n\
         \n\
         [Service]\n\
         ExecStart={command}\n\
         User=qatysu\n\
         Restart=always\n\
         RestartSec=3\n\
         UMask=0077\n\
         NoNewPrivileges=yes\n\
         PrivateTmp=yes\n\
         ProtectSystem=strict\n\
         ProtectHome=yes\n\
         ReadWritePaths={data}\n\
         RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK\n\
         \n\
         [Install]\n\
         WantedBy=multi-user.target\n",
        listen = args.listen,
    ))
}

/// Writes a word so that systemd reads it as one: quoted, with its own signs doubled.
fn quoted(word: &str) -> String {
    let escaped =
        word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    if escaped.contains(|c: char| c.is_whitespace() || c == '"' || c == '\'') {
        format!("\"{escaped}\"")
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: KioskArgs,
    }

    fn written(more: &[&str]) -> anyhow::Result<String> {
        let line = ["qatysu", "--data", "/srv/a kiosk 5%", "--role", "teacher"];
        unit(&Line::try_parse_from(line.iter().chain(more)).unwrap().args)
    }

    #[test]
    fn a_unit_runs_the_same_kiosk() {
        let unit = written(&["--hub", "--passphrase-file", "/etc/qatysu.pass"]).unwrap();
        let exec = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
        assert!(exec.contains(" kiosk --data \"/srv/a kiosk 5%%\" --role teacher"), "{exec}");
        assert!(exec.ends_with("--hub 0.0.0.0:7402 --passphrase-file /etc/qatysu.pass"), "{exec}");
        assert!(unit.contains("\nReadWritePaths=\"/srv/a kiosk 5%%\"\n"), "{unit}");
        for section in ["[Unit]", "[Service]", "[Install]"] {
            assert_eq!(unit.matches(section).count(), 1, "{section}");
        }
    }

    #[test]
    fn what_is_good_once_does_not_come_into_a_unit() {
        assert!(written(&["--ticket", "OE1:x"]).is_err());
        assert!(written(&["--passphrase-file", "-"]).is_err());
    }
}
