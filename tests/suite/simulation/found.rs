//! Histories that failed once: each is what was left of a seed when every other step was left out.

use system_tests::simulation::{Fault, FaultKind, Simulation, Step, Sync};

fn holds(steps: &[Step]) {
    let told = Simulation::prepare().run_steps(0, steps, true);
    assert_eq!(told.failure, None, "{}", told.words.join("\n"));
}

fn sync(phone: u8, faults: Vec<Fault>) -> Step {
    Step::Sync(Sync { phones: vec![phone], faults, crash: None, meanwhile: None, order: 0 })
}

/// Seed 198: a byte of the log's name was changed on the way. Nothing signs that name, so the device
/// enrolled for a log that no key speaks for, and no receipt ever held for it.
#[test]
fn changed_byte_in_an_enrolment_leaves_no_device_without_a_log() {
    for at in (3_403..3_419).step_by(4) {
        let kind = FaultKind::FlipAnswer(at);
        holds(&[Step::NewPhone, sync(6, vec![Fault { call: 0, kind }])]);
    }
}
