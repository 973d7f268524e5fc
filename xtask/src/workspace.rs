//! Where things are: the repository, its target directory, the cache of tools.

use std::env;
use std::path::PathBuf;

/// The paths every verb needs.
pub(crate) struct Workspace {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Cargo's target directory; `CARGO_TARGET_DIR` moves it, as everywhere.
    pub(crate) target: PathBuf,
    /// Installed tools, shared by all clones of the repository on this machine.
    pub(crate) tools: PathBuf,
}

impl Workspace {
    /// Finds the workspace that `cargo xtask` was called in.
    pub(crate) fn find() -> Self {
        // Cargo says it at run time; what it said at compile time may name another clone, when
        // several share one target directory.
        let xtask = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = xtask.parent().expect("xtask/ lies in the repository").to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |dir| root.join(dir));
        let tools = env::var_os("QATYSU_TOOLS")
            .map(PathBuf::from)
            .or_else(|| env::home_dir().map(|home| home.join(".cache/qatysu-tools")))
            .unwrap_or_else(|| target.join("tools"));
        Self { root, target, tools }
    }

    /// What the web view loads.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("src-ui/dist")
    }

    /// Other people's test vectors: where `QATYSU_VECTORS` says, or beside the repository.
    pub(crate) fn outside_vectors(&self) -> PathBuf {
        env::var_os("QATYSU_VECTORS")
            .map_or_else(|| self.root.join("../shared/vectors"), PathBuf::from)
    }

    /// A binary of this workspace, built with the profile `dev`.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
}

/// The first file called `name` in `PATH`.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}
