//! The JSON between device and server, and the files for strangers.

use attendance::{LeafKind, Role, TagKey};
use sync_api::{
    BATCH_MEDIA_TYPE, BUNDLE_FORMAT, Base64, BatchReceiptResponse, BatchResponse, BoardResponse,
    Bundle, BundleLeaf, BundleTagKeys, ChainEvent, ChainResponse, ChildChoice, ChildTagKey,
    ChoicesResponse, CompactReceipts, CompactVerdicts, ConsistencyResponse, DeviceResponse,
    DeviceRevoked, DeviceTold, EVIDENCE_FORMAT, EnrolResponse, EntryResponse, EventReceipt,
    EventVerdict, EvidenceFile, GrantsRequest, GroupChoice, HelloRequest, HelloResponse, HexHash,
    MonthResponse, MonthStage, OwnParkedResponse, PACKED_BATCH_MEDIA_TYPE, ParkedEventResponse,
    ParkedListResponse, ParkedResponse, Problem, ProblemKind, ProvenLeaf, ProviderChoice,
    ProviderMonthResponse, RECEIPT_FORMAT, ReceiptFile, RevocationsResponse, RosterPiece,
    RosterResponse, SeenVisitResponse, StatementResponse, TagsResponse, TicketRequest,
    TicketResponse, TrustResponse, VerdictKind, ViewResponse, ViewsResponse, VisitsResponse,
    VolumeResponse,
};
use system_tests::{Pen, district};

use super::signed::{
    SALT, TAG_SECRET, certificate, checkpoint, events, receipt, revocation_list, roster, statement,
    tag_list, ticket, tranche, trust_list, trust_roots,
};
use super::{golden, golden_json, hex};

const OLD_DEVICES: &str = "stops every device that is not updated yet";
const OLD_FILES: &str = "makes files unreadable that strangers keep";

fn salt() -> Base64 {
    Base64(SALT.to_vec())
}

#[test]
fn enrolment_is_unchanged() {
    golden_json("enrol-request.json", &Pen::new(21).enrol(&ticket()), OLD_DEVICES);
    let response = EnrolResponse {
        certificate: Base64(certificate()),
        roots: Base64(trust_roots().to_bytes()),
        trust_list: Base64(trust_list()),
        origin: district::ORIGIN.to_owned(),
        parcel_key: None,
        datagram_port: None,
        anchor: None,
    };
    golden_json("enrol-response.json", &response, OLD_DEVICES);
}

#[test]
fn hello_is_unchanged() {
    let request = Pen::new(21).hello(district::FIRST_MORNING_MS);
    golden_json("hello-request.json", &request, OLD_DEVICES);
    let shown = HelloRequest { certificate: Some(Base64(certificate())), ..request };
    golden_json("hello-request-shown.json", &shown, OLD_DEVICES);
    let [visit, ..] = events();
    let response = HelloResponse {
        seq_next: 1,
        head: Some(HexHash(visit.hash())),
        suspended: false,
        token: "AAAA".to_owned(),
        trust_version: 1,
        roster_version: 1,
        checkpoint: checkpoint(),
        parcel_key: None,
        datagram_port: None,
        accepts: Vec::new(),
        anchor: None,
        status_version: None,
        revoked: false,
        revocations_version: None,
        certificate: None,
    };
    golden_json("hello-response.json", &response, OLD_DEVICES);
    let accepts = [BATCH_MEDIA_TYPE, PACKED_BATCH_MEDIA_TYPE].map(str::to_owned).to_vec();
    let packed = HelloResponse { accepts, ..response.clone() };
    golden_json("hello-response-packed.json", &packed, OLD_DEVICES);
    let of_a_life = HelloResponse {
        revoked: true,
        revocations_version: Some(3),
        certificate: Some(Base64(certificate())),
        ..response
    };
    golden_json("hello-response-life.json", &of_a_life, OLD_DEVICES);
}

#[test]
fn chain_and_what_was_put_aside_are_unchanged() {
    let event = HexHash(events()[0].hash());
    let chain = ChainResponse { events: vec![ChainEvent { seq: 7, event, leaf_index: 12 }] };
    golden_json("chain-response.json", &chain, OLD_DEVICES);
    let (reason, arrived_ms) = ("fork".to_owned(), district::FIRST_MORNING_MS);
    let parked = vec![ParkedEventResponse { event, seq: 7, reason, arrived_ms }];
    golden_json("own-parked-response.json", &OwnParkedResponse { parked }, OLD_DEVICES);
}

#[test]
fn every_verdict_is_unchanged() {
    let event = HexHash(events()[0].hash());
    let verdict = |verdict, leaf_index, reason: Option<&str>, expected_seq| EventVerdict {
        event,
        verdict,
        leaf_index,
        reason: reason.map(str::to_owned),
        expected_seq,
    };
    let response = BatchResponse {
        verdicts: vec![
            verdict(VerdictKind::Stored, Some(2), None, None),
            verdict(VerdictKind::Duplicate, Some(2), None, None),
            verdict(VerdictKind::Parked, None, Some("bad_signature"), None),
            verdict(VerdictKind::Deferred, None, Some("unknown_device"), None),
            verdict(VerdictKind::Deferred, None, Some("gap"), Some(7)),
        ],
    };
    golden_json("batch-response.json", &response, OLD_DEVICES);
    let compact = CompactVerdicts::of(&response.verdicts).to_bytes();
    golden("batch-response-compact.hex", &hex(&compact), OLD_DEVICES);
}

#[test]
fn batch_receipt_is_unchanged() {
    let event = HexHash(events()[0].hash());
    let receipts = vec![EventReceipt { event, salt: salt(), receipt: Base64(receipt()) }];
    let response = BatchReceiptResponse { checkpoint: checkpoint(), receipts };
    golden_json("batch-receipt-response.json", &response, OLD_DEVICES);
}

#[test]
fn compact_receipts_are_unchanged() {
    let compact = CompactReceipts {
        checkpoint: checkpoint(),
        receipt: receipt(),
        places: vec![0, 300],
        salts: vec![SALT, [0; 16]],
    };
    golden("batch-receipt-compact.hex", &hex(&compact.to_bytes()), OLD_DEVICES);
}

#[test]
fn consistency_is_unchanged() {
    let [first, second] = [b"one", b"two"].map(|text| HexHash(seal::sha256(text)));
    let response = ConsistencyResponse { from: 3, to: 4, root: first, path: vec![first, second] };
    golden_json("consistency-response.json", &response, OLD_DEVICES);
}

#[test]
fn evidence_file_is_unchanged() {
    let file = EvidenceFile {
        format: EVIDENCE_FORMAT.to_owned(),
        alarm: "two_histories".to_owned(),
        detail: "what was said".to_owned(),
        at_ms: district::FIRST_MORNING_MS,
        event: Some(HexHash(events()[0].hash())),
        evidence: Base64(checkpoint().into_bytes()),
    };
    golden_json("evidence-file.json", &file, OLD_FILES);
}

#[test]
fn deltas_are_unchanged() {
    let trust = TrustResponse { trust_list: Base64(trust_list()) };
    golden_json("trust-response.json", &trust, OLD_DEVICES);
    let roster = RosterResponse { roster: Base64(roster()) };
    golden_json("roster-response.json", &roster, OLD_DEVICES);
    let [visit, ..] = events();
    let visits = VisitsResponse {
        checkpoint: checkpoint(),
        visits: vec![SeenVisitResponse {
            certificate: Base64(certificate()),
            event: Base64(visit.bytes().to_vec()),
            leaf_index: 1,
            salt: salt(),
            receipt: Base64(receipt()),
        }],
        next: 2,
        more: false,
    };
    golden_json("visits-response.json", &visits, OLD_DEVICES);
}

fn child_key() -> ChildTagKey {
    let child = district::child(1);
    ChildTagKey { child, key: Base64(TagKey::derive(&TAG_SECRET, child).as_bytes().to_vec()) }
}

fn tag_keys() -> BundleTagKeys {
    let nobody = Base64(TagKey::of_nobody(&TAG_SECRET).as_bytes().to_vec());
    BundleTagKeys { nobody, children: vec![child_key()] }
}

#[test]
fn completeness_is_unchanged() {
    let leaf = |leaf_index, bytes: Vec<u8>| ProvenLeaf {
        leaf_index,
        bytes: Base64(bytes),
        salt: salt(),
        receipt: Base64(receipt()),
    };
    let tags = TagsResponse {
        checkpoint: checkpoint(),
        keys: vec![child_key()],
        lists: vec![leaf(2, tag_list())],
        more: false,
    };
    golden_json("tags-response.json", &tags, OLD_DEVICES);
    let [visit, ..] = events();
    let entry = EntryResponse {
        checkpoint: checkpoint(),
        kind: LeafKind::Event,
        certificate: Some(Base64(certificate())),
        leaf: leaf(1, visit.bytes().to_vec()),
    };
    golden_json("entry-response.json", &entry, OLD_DEVICES);
}

#[test]
fn statement_is_unchanged() {
    let response = StatementResponse {
        statement: Base64(statement()),
        leaf_index: 1,
        salt: salt(),
        receipt: Base64(receipt()),
        checkpoint: checkpoint(),
    };
    golden_json("statement-response.json", &response, OLD_DEVICES);
}

#[test]
fn board_is_unchanged() {
    let month = |month, stage, tranche| MonthResponse {
        month,
        stage,
        close_from_ms: district::MAY_CLOSE_MS,
        visits: 24,
        confirmed: 12,
        awaiting: 11,
        disputed: 1,
        plan_tiyn: 8_000_000,
        accrued_tiyn: 2_000_000,
        held_tiyn: 1_000_000,
        released_tiyn: 5_000_000,
        rule_version: "2026.1".to_owned(),
        providers: vec![ProviderMonthResponse {
            provider: district::CHESS_HOUSE,
            name: "Chess".to_owned(),
            bin: None,
            children: 3,
            accrued_tiyn: 2_000_000,
            held_tiyn: 1_000_000,
            document: Some("D-1024".to_owned()),
            due_tiyn: None,
            sheet: None,
        }],
        tranche,
        times: None,
        undecided: Vec::new(),
    };
    let response = BoardResponse {
        as_of_ms: district::FIRST_MORNING_MS,
        months: vec![
            month(202_609, MonthStage::Paid, Some(HexHash(tranche().hash()))),
            month(202_610, MonthStage::Closed, Some(HexHash(tranche().hash()))),
            month(202_611, MonthStage::Open, None),
        ],
        devices: vec![
            device(21, Role::Teacher, Some(district::FIRST_MORNING_MS), false),
            device(22, Role::Parent, None, false),
            device(23, Role::Coordinator, Some(district::FIRST_MORNING_MS), true),
        ],
        parked: Vec::new(),
        volumes: Vec::new(),
    };
    golden_json("board-response.json", &response, OLD_DEVICES);
    let of_a_life = DeviceResponse {
        told: Some(DeviceTold { backlog: 2, version: "0.1.0".to_owned() }),
        revoked: Some(DeviceRevoked { at_ms: district::FIRST_MORNING_MS, events: 24, reason: 2 }),
        replaced_by: Some(Pen::new(22).device()),
        certificate_ends_s: Some(1_800_000_000),
        provider: Some(district::CHESS_HOUSE),
        groups: vec![district::CHESS],
        parked: vec![parked(Some(Pen::new(21).device()))],
        ..device(21, Role::Teacher, Some(district::FIRST_MORNING_MS), false)
    };
    let response = BoardResponse {
        as_of_ms: district::FIRST_MORNING_MS,
        months: Vec::new(),
        devices: vec![of_a_life],
        parked: vec![ParkedResponse { first_seq: None, last_seq: None, ..parked(None) }],
        volumes: Vec::new(),
    };
    golden_json("board-response-life.json", &response, OLD_DEVICES);
}

#[test]
fn figures_of_the_boards_pictures_are_unchanged() {
    let response = BoardResponse {
        as_of_ms: district::FIRST_MORNING_MS,
        months: Vec::new(),
        devices: vec![DeviceResponse {
            backlog_days: vec![0, 3, 12],
            ..device(21, Role::Teacher, Some(district::FIRST_MORNING_MS), false)
        }],
        parked: Vec::new(),
        volumes: vec![VolumeResponse {
            id: "2026".to_owned(),
            months: (202_609, 202_612),
            planned: Some("120.000000".to_owned()),
            taught: None,
            forecast: "117.500000".to_owned(),
        }],
    };
    golden_json("board-response-pictures.json", &response, OLD_DEVICES);
}

fn device(seed: u8, role: Role, last_contact_ms: Option<i64>, suspended: bool) -> DeviceResponse {
    DeviceResponse {
        device: Pen::new(seed).device(),
        name: format!("Device {seed}"),
        role,
        events: 24,
        last_contact_ms,
        suspended,
        told: None,
        revoked: None,
        replaced_by: None,
        certificate_ends_s: None,
        backlog_days: Vec::new(),
        provider: None,
        groups: Vec::new(),
        parked: Vec::new(),
    }
}

fn parked(device: Option<attendance::DeviceId>) -> ParkedResponse {
    ParkedResponse {
        device,
        reason: "revoked".to_owned(),
        count: 2,
        first_seq: Some(24),
        last_seq: Some(25),
        last: HexHash(events()[0].hash()),
        releasable: 2,
        first_arrived_ms: district::FIRST_MORNING_MS,
        last_arrived_ms: district::FIRST_MORNING_MS + 1,
    }
}

#[test]
fn life_of_devices_is_unchanged() {
    let request = TicketRequest {
        server: "https://qatysu.example.kz".to_owned(),
        role: Role::Teacher,
        name: "Gym tablet".to_owned(),
        provider: Some(district::CHESS_HOUSE),
        groups: vec![district::CHESS],
        children: Vec::new(),
        replaces: None,
    };
    golden_json("ticket-request.json", &request, OLD_DEVICES);
    let replacing = TicketRequest {
        provider: None,
        groups: Vec::new(),
        children: vec![district::child(1)],
        replaces: Some(Pen::new(21).device()),
        ..request
    };
    golden_json("ticket-request-replacing.json", &replacing, OLD_DEVICES);
    let response = TicketResponse {
        ticket: ticket().to_text(),
        expires_ms: district::FIRST_MORNING_MS,
        life_ms: 600_000,
    };
    golden_json("ticket-response.json", &response, OLD_DEVICES);
    let grants = GrantsRequest {
        device: Pen::new(21).device(),
        groups: vec![district::CHESS],
        name: "Gym tablet".to_owned(),
    };
    golden_json("grants-request.json", &grants, OLD_DEVICES);
    let list = ParkedListResponse { parked: vec![parked(Some(Pen::new(21).device()))] };
    golden_json("parked-response.json", &list, OLD_DEVICES);
    let choices = ChoicesResponse {
        providers: vec![ProviderChoice { id: district::CHESS_HOUSE, name: "Chess".to_owned() }],
        groups: vec![GroupChoice {
            id: district::CHESS,
            provider: district::CHESS_HOUSE,
            name: "Group".to_owned(),
        }],
        children: vec![ChildChoice {
            id: district::child(1),
            name: district::NAMES[0].to_owned(),
            groups: vec![district::CHESS],
        }],
    };
    golden_json("choices-response.json", &choices, OLD_DEVICES);
    let revocations = RevocationsResponse { revocations: Base64(revocation_list()) };
    golden_json("revocations-response.json", &revocations, OLD_DEVICES);
}

#[test]
fn bundle_is_unchanged() {
    let [visit, ..] = events();
    let leaf = |kind, bytes: &[u8]| BundleLeaf { kind, salt: salt(), bytes: Base64(bytes.into()) };
    let bundle = Bundle {
        format: BUNDLE_FORMAT.to_owned(),
        month: 202_609,
        roots: Base64(trust_roots().to_bytes()),
        trust_list: Base64(trust_list()),
        checkpoint: checkpoint(),
        certificates: vec![Base64(certificate())],
        leaves: vec![
            leaf(LeafKind::Genesis, district::ORIGIN.as_bytes()),
            leaf(LeafKind::Snapshot, b"snapshot"),
            leaf(LeafKind::Event, visit.bytes()),
            leaf(LeafKind::Tranche, &statement()),
        ],
        tag_keys: None,
    };
    golden_json("bundle.json", &bundle, OLD_FILES);
    let mut tagged = Bundle { tag_keys: Some(tag_keys()), ..bundle };
    tagged.leaves.push(leaf(LeafKind::Tags, &tag_list()));
    golden_json("bundle-tagged.json", &tagged, OLD_FILES);
}

#[test]
fn receipt_file_is_unchanged() {
    let [visit, ..] = events();
    let file = ReceiptFile {
        format: RECEIPT_FORMAT.to_owned(),
        event: Base64(visit.bytes().to_vec()),
        certificate: Base64(certificate()),
        salt: salt(),
        receipt: Base64(receipt()),
        checkpoint: checkpoint(),
        witnessed: None,
    };
    golden_json("receipt-file.json", &file, OLD_FILES);
}

#[test]
fn piece_of_a_roster_is_unchanged() {
    let packed = seal::sha256(&roster());
    let piece = RosterPiece { name: packed, version: 1, length: 40, at: 8, bytes: vec![7; 32] };
    assert_eq!(RosterPiece::parse(&piece.to_bytes()).expect("it is read back"), piece);
    golden("roster-piece.hex", &hex(&piece.to_bytes()), OLD_DEVICES);
}

#[test]
fn who_saw_a_child_is_unchanged() {
    let seen = ViewResponse {
        number: 7,
        at_ms: district::FIRST_MORNING_MS,
        device: Some(Pen::new(21).device()),
        role: "teacher".to_owned(),
        provider: Some("Invented chess house".to_owned()),
        child: Some(district::child(1)),
        what: "roster".to_owned(),
        why: "read_plan: own_groups".to_owned(),
    };
    let of_all = ViewResponse {
        number: 9,
        device: None,
        role: "operator".to_owned(),
        provider: None,
        child: None,
        what: "bundle".to_owned(),
        why: "read_month: yes_logged".to_owned(),
        ..seen
    };
    let response = ViewsResponse { views: vec![seen, of_all], next: 9, more: false };
    golden_json("views-response.json", &response, OLD_DEVICES);
}

#[test]
fn every_problem_is_unchanged() {
    let kinds = [
        ProblemKind::Malformed,
        ProblemKind::TooLarge,
        ProblemKind::TicketRefused,
        ProblemKind::NotRecognised,
        ProblemKind::NotAllowed,
        ProblemKind::NotFound,
        ProblemKind::Full,
        ProblemKind::Broken,
    ];
    let problems: Vec<Problem> =
        kinds.iter().map(|kind| Problem::new(*kind, "what to do")).collect();
    golden_json("problems.json", &problems, OLD_DEVICES);
}
