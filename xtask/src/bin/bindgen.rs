//! `bindgen INPUT.wasm OUT_DIR NAME`: writes the JavaScript that starts a WASM module.
//!
//! This is wasm-bindgen's own library, not its command line tool: nothing has to be installed by hand,
//! and Cargo's resolver keeps its version equal to that of the `wasm-bindgen` the UI was compiled with
//! (both pin the same `wasm-bindgen-shared`).

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [input, out_dir, name] = arguments.as_slice() else {
        bail!("usage: bindgen INPUT.wasm OUT_DIR NAME");
    };
    let Some(name) = name.to_str() else { bail!("the name must be UTF-8") };
    Bindgen::new()
        .input_path(PathBuf::from(input))
        .out_name(name)
        .web(true)?
        .typescript(false)
        .remove_producers_section(true)
        .generate(PathBuf::from(out_dir))
}
