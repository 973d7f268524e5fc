//! A paper holds until anything on it is another.

use ledger::export::PaperKind;
use sync_api::StatementResponse;

use super::*;
use crate::audit::tests::world::{World, roots, signed_trust_list};

const QUIET: Console = Console { json: false };

/// A directory with a bundle, a statement, a trust list and an act.
struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        let world = World::closed();
        desk.write("bundle.json", &serde_json::to_vec(&world.bundle()).unwrap());
        let file = world.receipt_file(15);
        let statement = StatementResponse {
            statement: file.event,
            leaf_index: 15,
            salt: file.salt,
            receipt: file.receipt,
            checkpoint: file.checkpoint,
        };
        desk.write("statement.json", &serde_json::to_vec(&statement).unwrap());
        desk.write("trust.list", &signed_trust_list());
        desk.write("trust.roots", &roots().to_bytes());
        desk.write("act.pdf", &desk.pdf(PaperKind::Act, None));
        desk.write("sheet.pdf", &desk.pdf(PaperKind::Sheet, None));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn pdf(&self, kind: PaperKind, server: Option<&str>) -> Vec<u8> {
        let audited = audit::open(&self.path("bundle.json"), None, QUIET).unwrap().unwrap();
        let fold = export::fold_of(&audited).unwrap();
        let (snapshot, tranche) = (&audited.snapshot, &audited.tranche);
        let month = ExportedMonth { snapshot, fold: &fold, tranche };
        let provider = &snapshot.providers[0];
        let placed = Placed { provider, leaf: 15, signatures: &[], server };
        export::to_pdf(kind, month, placed, Lang::Kk).unwrap()
    }

    fn args(&self, paper: &str, against: &str, sum: Option<i64>) -> VerifyPaperArgs {
        let there = self.path(paper);
        VerifyPaperArgs {
            paper: if there.exists() { there.display().to_string() } else { paper.to_owned() },
            against: self.path(against),
            trust: (against == "statement.json").then(|| self.dir.path().to_owned()),
            roots: Some(self.path("trust.roots")),
            sum: sum.map(Tiyn),
        }
    }

    fn verify(&self, paper: &str, against: &str, sum: Option<i64>) -> Exit {
        run(&self.args(paper, against, sum), QUIET).unwrap()
    }

    fn mark(&self) -> PaperMark {
        Paper::read(&self.path("act.pdf").display().to_string()).unwrap().mark().unwrap().mark
    }
}

#[test]
fn a_paper_holds_against_a_bundle_and_against_a_statement() {
    let desk = Desk::new();
    let sum = desk.mark().sum.0;
    for paper in ["act.pdf", "sheet.pdf"] {
        for against in ["bundle.json", "statement.json"] {
            assert_eq!(desk.verify(paper, against, None), Exit::Fine, "{paper} {against}");
            assert_eq!(desk.verify(paper, against, Some(sum)), Exit::Fine);
            assert_eq!(desk.verify(paper, against, Some(sum + 1)), Exit::Refused);
        }
    }
    let text = desk.mark().to_string();
    assert_eq!(desk.verify(&text, "statement.json", Some(sum)), Exit::Fine);
}

#[test]
fn a_symbol_with_a_servers_address_says_the_same() {
    let desk = Desk::new();
    let server = "https://qatysu.example";
    desk.write("camera.pdf", &desk.pdf(PaperKind::Act, Some(server)));
    let text = Paper::read(&desk.path("camera.pdf").display().to_string()).unwrap().texts.remove(0);
    assert!(text.starts_with("https://qatysu.example/verify?mark=QP1;act;"), "{text}");
    let shown: ShownMark = text.parse().unwrap();
    assert_eq!(shown.mark, desk.mark());
    for against in ["bundle.json", "statement.json"] {
        assert_eq!(desk.verify("camera.pdf", against, None), Exit::Fine, "{against}");
        assert_eq!(desk.verify(&text, against, None), Exit::Fine);
        let other = text.replacen(";15;", ";14;", 1);
        assert_eq!(desk.verify(&other, against, None), Exit::Refused);
    }
}

#[test]
fn a_photograph_is_read_like_the_file() {
    let desk = Desk::new();
    let page = paper::rasterise(&std::fs::read(desk.path("act.pdf")).unwrap(), 150).unwrap();
    picture::write_png(&desk.path("photo.png"), &page[0]).unwrap();
    assert_eq!(desk.verify("photo.png", "bundle.json", None), Exit::Fine);
    let empty = qr::LumaImage::parse(50, 50, vec![255; 2_500]).unwrap();
    picture::write_png(&desk.path("empty.png"), &empty).unwrap();
    assert_eq!(desk.verify("empty.png", "bundle.json", None), Exit::Refused);
}

#[test]
fn every_changed_field_of_the_symbol_is_found() {
    let desk = Desk::new();
    let mark = desk.mark();
    let changed = [
        PaperMark { sum: Tiyn(mark.sum.0 + 1), ..mark.clone() },
        PaperMark { lines: mark.lines + 1, ..mark.clone() },
        PaperMark { leaf: mark.leaf - 1, ..mark.clone() },
        PaperMark { month: mark.month.next().unwrap(), ..mark.clone() },
        PaperMark { provider: attendance::ProviderId([4; 8]), ..mark.clone() },
        PaperMark { tranche: seal::sha256(b"another"), ..mark.clone() },
        PaperMark { origin: "log.example/2027".to_owned(), ..mark },
    ];
    for against in ["bundle.json", "statement.json"] {
        for changed in &changed {
            let text = changed.to_string();
            assert_eq!(desk.verify(&text, against, None), Exit::Refused, "{text}");
        }
    }
}

#[test]
fn a_sum_that_was_changed_in_the_file_is_found_though_its_symbol_is_the_true_one() {
    let desk = Desk::new();
    let audited = audit::open(&desk.path("bundle.json"), None, QUIET).unwrap().unwrap();
    let fold = export::fold_of(&audited).unwrap();
    let (snapshot, mut tranche) = (&audited.snapshot, audited.tranche.clone());
    let mark = desk.mark();
    // The lines of the act say more; the symbol says what was signed.
    tranche.lines[0].accrued = Tiyn(tranche.lines[0].accrued.0 + 100);
    let month = ExportedMonth { snapshot, fold: &fold, tranche: &tranche };
    let table = ledger::export::act(month, mark.provider).unwrap();
    let provider = &snapshot.providers[0];
    let rule_version = &tranche.rule_version;
    let shown = ShownMark { server: None, mark };
    let printed = export::printed::Printed {
        snapshot,
        provider,
        table: &table,
        shown: &shown,
        rule_version,
        signatures: &[],
    };
    let words = crate::words::Words::of(Lang::Kk);
    desk.write("forged.pdf", &export::printed::document(printed, &words).to_pdf().unwrap());
    let paper = Paper::read(&desk.path("forged.pdf").display().to_string()).unwrap();
    assert_eq!(paper.mark().unwrap(), shown);
    assert_eq!(desk.verify("forged.pdf", "bundle.json", None), Exit::Refused);
    let mut longer = std::fs::read(desk.path("act.pdf")).unwrap();
    longer.push(b'\n');
    desk.write("longer.pdf", &longer);
    assert_eq!(desk.verify("longer.pdf", "bundle.json", None), Exit::Refused);
}

#[test]
fn a_statement_that_somebody_else_signed_or_moved_is_refused() {
    let desk = Desk::new();
    let honest = std::fs::read(desk.path("statement.json")).unwrap();
    let read = |honest: &[u8]| serde_json::from_slice::<StatementResponse>(honest).unwrap();
    let mut moved = read(&honest);
    moved.leaf_index = 14;
    let mut other = read(&honest);
    *other.statement.0.last_mut().unwrap() ^= 1;
    let mut salted = read(&honest);
    salted.salt.0[0] ^= 1;
    for changed in [moved, other, salted] {
        desk.write("statement.json", &serde_json::to_vec(&changed).unwrap());
        assert_eq!(desk.verify("act.pdf", "statement.json", None), Exit::Refused);
    }
    desk.write("statement.json", b"{}");
    assert_eq!(desk.verify("act.pdf", "statement.json", None), Exit::Refused);
}
