//! What is in a device's files, read with the device's own keys: what a test looks through, since the
//! files themselves say nothing.

use std::path::Path;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use seal::Hash;

/// Gives every text and every byte string of a device's database, and the bytes of its other files.
///
/// # Panics
/// If the files are not those of a device whose keys are in a private file.
#[must_use]
pub fn plain_bytes(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    read_files(dir, &mut all);
    let database = open(dir);
    let mut tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .expect("a readable database");
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).expect("its tables");
    for table in tables.map(|table| table.expect("a name")) {
        let mut rows = database.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a table");
        let columns = rows.column_count();
        let mut rows = rows.query([]).expect("its rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                match row.get_ref(column).expect("a value") {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => all.extend_from_slice(bytes),
                    ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
                }
                // What stands in two cells is not read as one.
                all.push(0xff);
            }
        }
    }
    all
}

fn read_files(dir: &Path, all: &mut Vec<u8>) {
    for entry in dir.read_dir().expect("the device's files") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            read_files(&path, all);
        } else {
            all.extend(std::fs::read(path).expect("a readable file"));
        }
    }
}

fn open(dir: &Path) -> Connection {
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).expect("a key file");
    let secret = Hash::from_hex(read("device.secret").trim()).expect("a secret");
    let keys = read("device.key");
    let (head, sealed) = keys.split_once("sealed ").expect("wrapped keys");
    let sealed = unhex(sealed.trim());
    let (nonce, sealed) = sealed.split_at(24);
    let nonce = XNonce::from(<[u8; 24]>::try_from(nonce).expect("24 bytes"));
    let opened = XChaCha20Poly1305::new(&secret.0.into())
        .decrypt(&nonce, Payload { msg: sealed, aad: head.as_bytes() })
        .expect("the secret opens the keys");
    let path = dir.join("device.db");
    let start = std::fs::read(&path).expect("a database");
    let spec: String = opened[32..].iter().chain(&start[..16]).map(hex).collect();
    let database = Connection::open(path).expect("a database");
    database.pragma_update(None, "key", format!("x'{spec}'")).expect("the key is taken");
    database
}

fn hex(byte: &u8) -> String {
    format!("{byte:02x}")
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}
