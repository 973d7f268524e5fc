//! Where the built programs and pages are.

use std::net::TcpListener;
use std::path::PathBuf;

#[expect(clippy::disallowed_methods, reason = "the tests' configuration is read here alone")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var(name).ok().map(PathBuf::from)
}

/// Refuses to run where nothing was prepared for a browser or a window.
pub(crate) fn require_e2e() {
    assert!(
        variable("QATYSU_E2E").is_some(),
        "this test needs a browser, a display and built pages: run `cargo xtask e2e`"
    );
}

/// The workspace's `target` directory.
pub(crate) fn target_dir() -> PathBuf {
    let bin = bin_dir();
    bin.parent().expect("target/debug has a parent").to_owned()
}

/// Where the programs are: said by `cargo xtask e2e`, or beside this test.
fn bin_dir() -> PathBuf {
    variable("QATYSU_BIN_DIR").unwrap_or_else(|| {
        let exe = std::env::current_exe().expect("this test's own file");
        let deps = exe.parent().expect("a test is in target/debug/deps");
        deps.parent().expect("a test is in target/debug/deps").to_owned()
    })
}

/// A program that the workspace builds.
pub(crate) fn find(name: &str) -> PathBuf {
    let path = bin_dir().join(name);
    assert!(path.is_file(), "{} was not built: run `cargo xtask e2e`", path.display());
    path
}

/// The built pages.
pub(crate) fn ui_dist() -> PathBuf {
    let dist = variable("QATYSU_UI_DIST")
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../src-ui/dist")));
    assert!(
        dist.join("index.html").is_file(),
        "no pages in {}: run `cargo xtask ui`",
        dist.display()
    );
    dist
}

/// The first of `count` neighbouring ports that are free just now.
pub(crate) fn free_ports(count: u16) -> u16 {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let ports = 20_000..60_000;
    // Processes at the same time begin at different places, in the lower half.
    let places = u32::try_from(ports.len() / usize::from(count) / 2).expect("small");
    ports
        .step_by(usize::from(count))
        .skip(usize::try_from(std::process::id() % places).expect("small"))
        .find(|first: &u16| (*first..first + count).all(free))
        .expect("some ports are free")
}
