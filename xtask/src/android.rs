//! `cargo xtask android`: compiles the shell for a telephone, as far as that goes without Google's SDK.
//!
//! Type-checking needs no linker and no C compiler, but build scripts of C libraries call one: they get
//! a stand-in that makes empty files (OpenSSL, which encrypts a device's data, is configured and "built"
//! with it too). Nothing of it can be run; the package itself is built by
//! `.github/workflows/android.yml`, where an SDK and an NDK exist.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::console::Console;
use crate::steps::Steps;
use crate::toolchain::{ANDROID, Toolchain};
use crate::workspace::Workspace;

/// Makes the output file that a compiler or archiver was asked for, empty.
const STAND_IN: &str = r#"#!/bin/sh
case "$*" in
*-\?*) exit 1 ;; # only Microsoft's compilers explain themselves so
*--version* | -v) echo "clang version 18.0.0 (stand-in)"; exit 0 ;;
*-E*) exec cc -E "$@" ;;
esac
while [ $# -gt 0 ]; do
    case "$1" in
    -o) : >"$2"; exit 0 ;;
    *.a) : >"$1"; exit 0 ;;
    esac
    shift
done
"#;

/// Type-checks the shell.
pub(crate) fn run(steps: &mut Steps<'_>) -> Result<()> {
    steps.step("android", check)
}

fn check(workspace: &Workspace, console: &mut Console) -> Result<()> {
    let toolchain = Toolchain::set_up(console, ANDROID)?;
    let target_dir = workspace.target.join("android");
    let stand_in = lay_stand_in(&target_dir.join("stubs"))?;
    let mut command = toolchain.cargo("check", ANDROID, &target_dir);
    command.args(["--package", "qatysu-app", "--lib"]);
    for tool in ["CC", "CXX", "AR", "RANLIB"] {
        command.env(format!("{tool}_{}", ANDROID.replace('-', "_")), &stand_in);
    }
    console.run(command.current_dir(&workspace.root))
}

fn lay_stand_in(dir: &Path) -> Result<PathBuf> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.join("stand-in");
    fs::write(&path, STAND_IN).with_context(|| format!("cannot write {}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(path)
}
