//! Tables of groups, timetables and vouchers that are sent in the console: all of their rows or none.

use super::*;

const WRITTEN: &str = "data-testid=\"amend-written\"";
const SURE: &str = "data-testid=\"amend-sure\"";

impl Person {
    /// Sends a table as its form does.
    async fn table(&mut self, office: &Office, place: &str, fields: &[(&str, &str)]) -> String {
        let encoded: Vec<(&str, String)> =
            fields.iter().map(|(name, value)| (*name, urlencoded(value))).collect();
        let fields: Vec<(&str, &str)> =
            encoded.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post(office, place, &fields).await.body
    }
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_timetable_and_a_group_come_out_of_a_table_once() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let before = office.town.count("leaf");
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let bin = snapshot.providers[0].bin.clone();
    let chess = snapshot.group(district::CHESS).expect("the chess group").clone();
    let page = head.get(&office, "/console/groups?lang=en").await.body;
    assert!(page.contains("data-testid=\"table-look\"") && page.contains("provider_bin"), "{page}");

    // Rows that are wrong are told one by one, in the language of the page.
    let table = format!(
        "группа;дни;начало;минут\n{};вт чт;9:30;90\nNobody;вт чт;9:30;90\n{};вт;25:00;90\n",
        chess.name, chess.name
    );
    let fields = [("what", "schedules"), ("table", &*table), ("document", "order 4")];
    let page = head.table(&office, "/console/groups/sure?lang=en", &fields).await;
    assert!(page.contains("2 of 3 rows are wrong"), "{page}");
    assert!(page.contains("row 3: there is no group “Nobody”"), "{page}");
    assert!(page.contains("row 4: “25:00” is no time"), "{page}");
    let page = head.table(&office, "/console/groups/sure?lang=kk", &fields).await;
    assert!(page.contains("3-жол: «Nobody» тобы жоқ"), "{page}");
    for (table, why) in [
        ("группа;дни\nx;y\n", "the table lacks these columns: start, minutes"),
        ("", "data-field=\"table\""),
    ] {
        let fields = [("what", "schedules"), ("table", table), ("document", "order 4")];
        let page = head.table(&office, "/console/groups/sure?lang=en", &fields).await;
        assert!(page.contains(why), "{table}: {page}");
    }
    assert_eq!(office.town.count("leaf"), before, "nothing of it was written");

    // The good one is asked about, and written once.
    let table = format!("группа;дни;начало;минут\n{};вт чт;9:30;90\n", chess.name);
    let fields = [("what", "schedules"), ("table", &*table), ("document", "order 4")];
    let page = head.table(&office, "/console/groups/sure", &fields).await;
    assert!(page.contains(SURE) && page.contains("9:30"), "the page hands the table on: {page}");
    assert_eq!(office.town.count("leaf"), before, "a question writes nothing");
    let sure: Vec<_> = fields.into_iter().chain([("version", "2")]).collect();
    let page = head.table(&office, "/console/groups/write", &sure).await;
    assert!(page.contains(WRITTEN), "{page}");
    let again = head.table(&office, "/console/groups/write", &sure).await;
    assert!(again.contains("nothing of it is new"), "{again}");
    let groups = format!(
        "provider_bin,group,weekdays,start,minutes,capacity\n{bin},Invented go,sat,10:00,60,12\n"
    );
    let fields =
        [("what", "groups"), ("table", &*groups), ("document", "order 5"), ("version", "3")];
    let page = head.table(&office, "/console/groups/write", &fields).await;
    assert!(page.contains(WRITTEN), "{page}");
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let chess = snapshot.group(district::CHESS).expect("the chess group");
    assert_eq!((&*chess.start, chess.minutes, chess.weekdays.len()), ("09:30", 90, 2));
    let new = snapshot.groups.iter().find(|one| one.name == "Invented go").expect("a group");
    assert_eq!((new.capacity, new.provider), (Some(12), snapshot.providers[0].id));
    assert_eq!(office.town.count("leaf"), before + 2);
    assert_eq!(office.town.count("console_act WHERE what = 'table_taken'"), 2);

    // Whoever may not change it is offered nothing.
    let mut coordinator = office.signed_in(2, Duty::Coordinator).await;
    let page = coordinator.get(&office, "/console/groups").await.body;
    assert!(page.contains("Invented go") && !page.contains("table-look"), "{page}");
}

#[tokio::test]
async fn vouchers_come_out_of_a_table_and_a_child_has_one_at_a_time() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let child = district::child(1);
    let row = |number: &str, from: &str, to: &str| {
        format!("{number},{child},{},80000,{from},{to}\n", district::JUDO)
    };
    let columns = "voucher_number,child,group,sum,from,to\n";
    let page = head.get(&office, "/console/vouchers?lang=en").await.body;
    assert!(page.contains("voucher_number, child (the pseudonym)"), "{page}");
    let second = format!("{columns}{}", row("TABLE-1", "2026-10-01", "2026-12-31"));
    let fields = [("what", "vouchers"), ("table", &*second), ("document", "order 6")];
    let page = head.table(&office, "/console/vouchers/sure?lang=en", &fields).await;
    assert!(page.contains("end one contract before the other begins"), "{page}");
    let table = format!("{columns}{}", row("TABLE-1", "2027-01-01", "2027-05-31"));
    let fields =
        [("what", "vouchers"), ("table", &*table), ("document", "order 6"), ("version", "2")];
    let page = head.table(&office, "/console/vouchers/sure?lang=en", &fields).await;
    assert!(page.contains(SURE), "{page}");
    let page = head.table(&office, "/console/vouchers/write", &fields).await;
    assert!(page.contains(WRITTEN), "{page}");
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let contract = snapshot.contracts.iter().find(|one| one.number == "TABLE-1");
    assert_eq!(contract.expect("a contract").total_tiyn, ledger::Tiyn(8_000_000));

    // A table may be longer than any other form, and has an end.
    let long: String =
        (0..3_000).map(|at| row(&format!("LONG-{at}"), "someday", "never")).collect();
    let table = format!("{columns}{long}");
    let form =
        [("what", "vouchers"), ("table", &*table), ("document", "order 7"), ("version", "3")];
    let page = head.post(&office, "/console/vouchers/write?lang=en", &form).await.body;
    assert!(page.contains("3000 of 3000 rows are wrong") && page.contains("and more: 2950"));
    let table = format!("{columns}{}", long.repeat(6));
    let form =
        [("what", "vouchers"), ("table", &*table), ("document", "order 7"), ("version", "3")];
    let answer = head.post(&office, "/console/vouchers/write", &form).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut nobody = Person::default();
    nobody.get(&office, "/console/sign-in").await;
    let form = [("code", &*long)];
    let answer = nobody.post(&office, "/console/recover/use", &form).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "for strangers it is shorter");
}
