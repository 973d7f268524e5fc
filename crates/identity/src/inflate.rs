//! Unpacking ([RFC 1950]) into a buffer that does not grow: a bomb is found when it is full.
//!
//! [RFC 1950]: https://www.rfc-editor.org/rfc/rfc1950

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::rejection::{IdentityRejection, malformed};

/// Unpacks one whole zlib stream with nothing after it.
pub(crate) fn inflate(packed: &[u8]) -> Result<Vec<u8>, IdentityRejection> {
    let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    // One byte more than is allowed, so that what fills the buffer is too much.
    let mut unpacked = vec![0; INFLATED_MAX_BYTES + 1];
    let mut state = DecompressorOxide::new();
    let (status, read, written) = decompress(&mut state, packed, &mut unpacked, 0, flags);
    if status == TINFLStatus::HasMoreOutput || written > INFLATED_MAX_BYTES {
        return Err(IdentityRejection::TooLarge);
    }
    if status != TINFLStatus::Done {
        return Err(malformed("not packed with zlib"));
    }
    if read != packed.len() {
        return Err(malformed("bytes after the packed part"));
    }
    unpacked.truncate(written);
    Ok(unpacked)
}

/// The most that is unpacked.
pub(crate) const INFLATED_MAX_BYTES: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;

    use super::*;

    #[test]
    fn unpacks_to_the_limit_and_stops_a_bomb_there() {
        for level in [0, 1, 6, 9] {
            let packed = |size: usize| compress_to_vec_zlib(&vec![7; size], level);
            assert_eq!(inflate(&packed(0)).unwrap(), []);
            assert_eq!(inflate(&packed(8192)).unwrap(), vec![7; 8192]);
            for size in [8193, 8194, 9000, 1_000_000] {
                assert_eq!(inflate(&packed(size)), Err(IdentityRejection::TooLarge), "{size}");
            }
        }
    }

    #[test]
    fn refuses_what_is_cut_altered_or_followed_by_something() {
        let packed = compress_to_vec_zlib(b"a token, a token, a token", 9);
        for end in 0..packed.len() {
            assert!(inflate(&packed[..end]).is_err(), "the first {end} bytes");
        }
        for at in 0..packed.len() {
            let mut broken = packed.clone();
            broken[at] ^= 1;
            let same = inflate(&broken).is_ok_and(|bytes| bytes != b"a token, a token, a token");
            assert!(!same, "byte {at} was changed and something else came out");
        }
        let after = inflate(&[&packed[..], b"x"].concat()).unwrap_err().to_string();
        assert!(after.contains("bytes after the packed part"), "{after}");
    }
}
