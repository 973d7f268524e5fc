//! TLS with real processes: the authority of the ticket, and no other.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::Value;
use server::Tls;
use shell_core::ShellError;
use sync_api::Ticket;
use system_tests::{Phone, Town};

use super::process::{CLOCK, Serving};
use crate::programs::free_ports;
use crate::qatysu::run;

/// Makes a teacher's ticket for an address, by the command line.
fn ticket(data: &Path, address: &str) -> String {
    let data = data.to_str().expect("UTF-8");
    let house = system_tests::district::CHESS_HOUSE.to_string();
    let group = system_tests::district::CHESS.to_string();
    let arguments = [
        &["ticket", "--data", data, "--server", address, "--role", "teacher", "--name", "Tablet"][..],
        &["--provider", &house, "--group", &group, "--clock", CLOCK, "--json"],
    ];
    let told = run(&arguments.concat()).with(0);
    let told: Value = serde_json::from_str(&told).expect("one JSON value");
    told["ticket"].as_str().expect("a text").to_owned()
}

/// Says why a device could not be enrolled.
async fn refused(phone: &Phone, ticket: &str) -> String {
    let error: ShellError = phone.shell.enrol(ticket).await.expect_err("it must not be enrolled");
    format!("{error:?} {error}")
}

/// An authority of anybody's, and its certificate for this machine.
fn chain(name: &str, over: Option<(i32, u8, u8)>) -> (String, String, seal::Hash) {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().expect("rcgen makes certificates");
    let certificate = authority.self_signed(&key).expect("rcgen makes certificates");
    let issuer = Issuer::new(authority, key);
    let mut leaf =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("rcgen makes certificates");
    leaf.not_before = date_time_ymd(2020, 1, 1);
    if let Some((year, month, day)) = over {
        leaf.not_after = date_time_ymd(year, month, day);
    }
    let leaf_key = KeyPair::generate().expect("rcgen makes certificates");
    let leaf = leaf.signed_by(&leaf_key, &issuer).expect("rcgen makes certificates");
    let pin = seal::sha256(certificate.der());
    (format!("{}{}", leaf.pem(), certificate.pem()), leaf_key.serialize_pem(), pin)
}

#[tokio::test]
async fn a_device_speaks_to_the_server_of_its_ticket_and_to_no_other() {
    let mut town = Town::found().await;
    town.stop_server().await;
    let data = town.server_dir();
    let listen = format!("127.0.0.1:{}", free_ports(10));
    let tls = ["--listen", &listen, "--tls", "self"];
    let serving = Serving::start(&data, &tls);
    assert_eq!(serving.address, format!("https://{listen}"));
    let text = ticket(&data, &serving.address);
    let pinned = Ticket::parse(&text).unwrap();
    assert_eq!(pinned.pin, server::tls_pin(&data).unwrap());
    assert!(pinned.pin.is_some() && text.len() <= 280, "{} characters", text.len());
    let phone = town.new_phone();
    phone.shell.enrol(&text).await.expect("the right authority");
    phone.sync().await.done();
    serving.stop().await;

    // The pin is kept with the enrolment: a device that is switched on again asks the same server, which
    // shows another certificate of the same authority by now.
    let phone = town.switch_on(&phone.dir.clone());
    let serving = Serving::start(&data, &tls);
    phone.sync().await.done();
    serving.stop().await;

    // A server with the same keys and data, whose authority has the same name and is another.
    let other = tempfile::tempdir().unwrap();
    system_tests::copy_dir(&data, other.path());
    for file in [server::TLS_CA_FILE, server::TLS_CA_KEY] {
        std::fs::remove_file(other.path().join(file)).unwrap();
    }
    drop(Tls::own(other.path(), vec!["127.0.0.1".to_owned()]).unwrap());
    let serving = Serving::start(other.path(), &tls);
    let told = format!("{:?}", phone.sync().await);
    assert!(told.contains("not the server of the ticket"), "{told}");
    let stranger = town.new_phone();
    let told = refused(&stranger, &ticket(&data, &serving.address)).await;
    assert!(told.contains("not the server of the ticket"), "{told}");

    // A device that was told http:// where TLS is spoken.
    let plain = serving.address.replace("https://", "http://");
    let told = refused(&stranger, &ticket(&data, &plain)).await;
    assert!(told.contains("this port speaks TLS"), "{told}");
    serving.stop().await;

    // And one that was told https:// where there is none.
    let serving = Serving::start(&data, &["--listen", &listen]);
    let told = refused(&stranger, &text).await;
    assert!(told.contains("there is no TLS at the server's address"), "{told}");
    serving.stop().await;
}

#[tokio::test]
async fn certificates_of_files_are_shown_and_changed_and_one_that_is_over_is_refused() {
    let mut town = Town::found().await;
    town.stop_server().await;
    let (data, dir) = (town.server_dir(), tempfile::tempdir().unwrap());
    let listen = format!("127.0.0.1:{}", free_ports(10));
    let (good, key, pin) = chain("District authority", None);
    let (certificate, key_file) = (dir.path().join("chain.pem"), dir.path().join("key.pem"));
    let put = |chain: &str, key: &str| {
        std::fs::write(&certificate, chain).unwrap();
        std::fs::write(&key_file, key).unwrap();
    };
    put(&good, &key);
    let address = format!("https://{listen}");
    let files = [certificate.to_str().unwrap(), key_file.to_str().unwrap()];
    let more = ["--listen", &listen, "--tls-cert", files[0], "--tls-key", files[1]];
    let serving = Serving::start(&data, &more);
    // The server has no authority of its own: its ticket pins nothing, and no public authority knows it.
    let plain = Ticket::parse(&ticket(&data, &address)).unwrap();
    assert_eq!(plain.pin, None);
    let phone = town.new_phone();
    let told = refused(&phone, &plain.to_text()).await;
    assert!(told.contains("another authority"), "{told}");
    let pinned = |pin| Ticket { pin: Some(pin), ..plain.clone() }.to_text();
    phone.shell.enrol(&pinned(pin)).await.expect("the authority that is pinned");
    serving.stop().await;

    let (over, key, pin) = chain("District authority", Some((2024, 1, 1)));
    put(&over, &key);
    let serving = Serving::start(&data, &more);
    let late = Ticket::parse(&ticket(&data, &address)).unwrap();
    let late = Ticket { pin: Some(pin), ..late }.to_text();
    let other = town.new_phone();
    let told = refused(&other, &late).await;
    assert!(told.contains("certificate is over, or this device's date is wrong"), "{told}");
    // The file is changed under the running server.
    let (good, key, pin) = chain("District authority", None);
    put(&good, &key);
    serving.hang_up();
    let again = Ticket { pin: Some(pin), ..Ticket::parse(&late).unwrap() }.to_text();
    for attempt in 0.. {
        if other.shell.enrol(&again).await.is_ok() {
            break;
        }
        assert!(attempt < 100, "the new certificate is not shown");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    serving.stop().await;
}
