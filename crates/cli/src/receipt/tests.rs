//! An honest receipt file proves; a changed one is refused by the check that names what changed.

use super::*;
use crate::audit::tests::world::{Who, World, key, roots, signed_trust_list, trust_list};
use sync_api::Base64;

fn refused_by(change: impl FnOnce(&mut ReceiptFile)) -> &'static str {
    let mut file = World::closed().receipt_file(3);
    change(&mut file);
    verify(&file, &trust_list()).unwrap_err().check()
}

fn flip(bytes: &mut Base64, from_end: usize) {
    let at = bytes.0.len() - 1 - from_end;
    bytes.0[at] ^= 1;
}

#[test]
fn proves_event_device_and_place() {
    let proven = verify(&World::closed().receipt_file(3), &trust_list()).unwrap();
    assert_eq!(proven.event.event().kind, EventKind::In);
    assert_eq!(proven.certificate.certificate().role, Role::Teacher);
    assert_eq!((proven.place.index, proven.place.size), (3, 18));
    assert_eq!(proven.checkpoint.root, World::closed().tree().root());
}

#[test]
fn names_the_check_that_failed() {
    assert_eq!(refused_by(|file| flip(&mut file.certificate, 0)), "device certificate");
    let parents = Base64(Who::Parent.certificate());
    assert_eq!(refused_by(|file| file.certificate = parents), "event signature");
    assert_eq!(refused_by(|file| flip(&mut file.event, 0)), "event signature");
    assert_eq!(refused_by(|file| flip(&mut file.salt, 0)), "receipt");
    assert_eq!(refused_by(|file| flip(&mut file.receipt, 0)), "receipt");
    let other = World::closed().receipt_file(4).receipt;
    assert_eq!(refused_by(|file| file.receipt = other), "receipt");
    let older = World::taught().checkpoint();
    assert_eq!(refused_by(|file| file.checkpoint = older), "place in the log");
    let unsigned = World::closed().checkpoint().replace("\n18\n", "\n19\n");
    assert_eq!(refused_by(|file| file.checkpoint = unsigned), "checkpoint");
    assert_eq!(refused_by(|file| file.salt.0.truncate(15)), "file");
}

#[test]
fn a_log_that_is_not_on_the_list_proves_nothing() {
    let file = World::closed().receipt_file(3);
    let mut trust = trust_list();
    for entry in &mut trust.entries {
        entry.scope = "log.example/2027".to_owned();
    }
    let refused = verify(&file, &trust).unwrap_err();
    assert!(refused.to_string().contains("no key for the log \"log.example/2026\""));
}

#[test]
fn the_command_reads_one_directory_or_two_files() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("trust.list"), signed_trust_list()).unwrap();
    std::fs::write(at("trust.roots"), roots().to_bytes()).unwrap();
    let json = serde_json::to_string(&World::closed().receipt_file(3)).unwrap();
    std::fs::write(at("good.json"), &json).unwrap();
    std::fs::write(at("bad.json"), json.replace("qatysu-receipt/1", "qatysu-receipt/9")).unwrap();
    let exit = |receipt: &str, trust: PathBuf, roots: Option<PathBuf>| {
        let args = VerifyArgs { receipt: at(receipt), trust, roots };
        run(&ReceiptCommand::Verify(args), Console { json: false })
    };
    let (dir_path, list) = (dir.path().to_owned(), at("trust.list"));
    assert_eq!(exit("good.json", dir_path.clone(), None).unwrap(), Exit::Fine);
    assert_eq!(exit("good.json", list.clone(), Some(at("trust.roots"))).unwrap(), Exit::Fine);
    assert_eq!(exit("bad.json", dir_path.clone(), None).unwrap(), Exit::Refused);
    assert_eq!(exit("good.json", list, None).unwrap(), Exit::Fine, "the roots lie beside the list");
    let elsewhere = tempfile::tempdir().unwrap();
    let list = elsewhere.path().join("a.list");
    std::fs::write(&list, signed_trust_list()).unwrap();
    assert!(exit("good.json", list, None).unwrap_err().to_string().contains("give --roots"));
    assert!(exit("none.json", dir_path.clone(), None).is_err());

    std::fs::write(at("trust.list"), trust_list().sign(&[&key(1)]).unwrap()).unwrap();
    assert_eq!(exit("good.json", dir_path, None).unwrap(), Exit::Refused);
}
