//! The commands, as an operator in trouble types them.

use serde_json::Value;

use super::HalfMonth;
use crate::qatysu::run;

#[tokio::test]
async fn operator_gathers_exports_looks_first_and_writes_then() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(true).await;
    let dir = tempfile::tempdir().unwrap();
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let mut exports = Vec::new();
    for (phone, name) in
        [(&scene.teacher, "teacher"), (&scene.first, "first"), (&scene.second, "second")]
    {
        let file = text(&dir.path().join(format!("{name}.export")));
        let arguments = ["device", "export", "--data", &text(&phone.dir), "-o", &file, "--json"];
        let said: Value = serde_json::from_str(&run(&arguments).with(0)).unwrap();
        assert!(said["leaves"].as_u64().unwrap() > 0, "{said}");
        let again = run(&arguments);
        assert!(again.complained.contains(&file), "{}", again.complained);
        again.with(3);
        exports.push(file);
    }
    let nowhere = run(&["device", "export", "--data", "/nowhere", "-o", "/nowhere/x"]);
    assert!(nowhere.complained.contains("holds no device"), "{}", nowhere.complained);
    nowhere.with(3);

    let district = text(&dir.path().join("district.json"));
    std::fs::write(&district, serde_json::to_vec(&system_tests::the_district()).unwrap()).unwrap();
    let (data, keys) = (text(&scene.town.server_dir()), text(&left.safe.join("keys")));
    let published = text(left.published.as_deref().unwrap());
    let given = ["--data", &data, "--keys", &keys, "--district", &district, "--tiles", &published];
    let rebuild = |more: &[&str]| run(&[&["rebuild"][..], &given, more].concat());

    // One export is not enough: the dry run says what is lost, and whom to ask.
    let looked = rebuild(&["--dry-run", &exports[0]]).with(1);
    assert!(looked.contains("lost") && looked.contains("nothing was written"), "{looked}");
    let [one, two, three] = &exports[..] else { panic!("three exports") };
    let looked = rebuild(&["--dry-run", one, two, three]).with(0);
    assert!(looked.contains("0 leaves would be lost"), "{looked}");
    assert!(!scene.town.server_dir().exists());
    for name in system_tests::district::NAMES {
        assert!(!looked.contains(name), "the report names no child");
    }

    // Written with a hole, and filled.
    let said: Value = serde_json::from_str(&rebuild(&["--json", one, two]).with(1)).unwrap();
    assert_eq!((&said["written"], &said["obstacles"]), (&Value::Bool(true), &Value::Array(vec![])));
    let refused = rebuild(&[one, two, three]);
    assert!(refused.complained.contains("--fill"), "{}", refused.complained);
    refused.with(3);
    let filled = run(&["rebuild", "--data", &data, "--fill", three]).with(0);
    assert!(filled.contains("no leaf is lost"), "{filled}");
    let none =
        run(&["rebuild", "--data", &data, "--give-up", "nothing to give up", "--json"]).with(0);
    assert!(none.contains("\"given_up\":0"), "{none}");
    scene.town.start_server().await;
    assert_eq!(scene.town.wire().get("checkpoint", None).await.text(), left.note);
    scene.finish().await;
    scene.assert_calm().await;
}
