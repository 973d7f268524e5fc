//! `weigh FILE`: prints how many bytes a file has under Brotli at its best, as a server sends it.

use std::ffi::OsString;
use std::fs;

use anyhow::{Result, bail};

#[expect(clippy::print_stdout, reason = "the number is what this program is for")]
fn main() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [file] = arguments.as_slice() else { bail!("usage: weigh FILE") };
    let whole = fs::read(file)?;
    let mut packed = Vec::new();
    let mut best =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    best.size_hint = whole.len();
    brotli::BrotliCompress(&mut whole.as_slice(), &mut packed, &best)?;
    println!("{}", packed.len());
    Ok(())
}
