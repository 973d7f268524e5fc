//! The two directions of the packed form. One description of it ([`Model`]) walks either way, so
//! that writing and reading cannot disagree.
//!
//! [`Model`]: super::model::Model

use minicbor::{Decode, Encode};

use super::UnpackRejection;

/// Passes values through: a writer writes what it is given, a reader replaces it by what it reads.
pub(super) trait Port {
    /// An unsigned number, LEB128.
    fn number(&mut self, value: &mut u64) -> Result<(), UnpackRejection>;

    /// Bytes whose number both sides know.
    fn raw(&mut self, bytes: &mut [u8]) -> Result<(), UnpackRejection>;

    /// Bytes with their number, at most `max`.
    fn bytes(&mut self, bytes: &mut Vec<u8>, max: usize) -> Result<(), UnpackRejection>;

    /// A value in its CBOR. A writer is given one.
    fn item<T>(&mut self, value: &mut Option<T>) -> Result<(), UnpackRejection>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>;

    /// A signed number, zigzag.
    fn signed(&mut self, value: &mut i64) -> Result<(), UnpackRejection> {
        let mut folded = value.cast_unsigned() << 1 ^ (*value >> 63).cast_unsigned();
        self.number(&mut folded)?;
        *value = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        Ok(())
    }
}

/// Writes.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Port for Writer {
    fn number(&mut self, value: &mut u64) -> Result<(), UnpackRejection> {
        let mut rest = *value;
        while rest >= 0x80 {
            self.bytes.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest.to_le_bytes()[0]);
        Ok(())
    }

    fn raw(&mut self, bytes: &mut [u8]) -> Result<(), UnpackRejection> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn bytes(&mut self, bytes: &mut Vec<u8>, _: usize) -> Result<(), UnpackRejection> {
        self.number(&mut u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        self.raw(bytes)
    }

    fn item<T>(&mut self, value: &mut Option<T>) -> Result<(), UnpackRejection>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
        if let Some(value) = value {
            self.bytes.extend(seal::to_canonical(value));
        }
        Ok(())
    }
}

/// Reads, and takes no number on trust.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Ends the reading.
    pub(super) fn end(&self) -> Result<(), UnpackRejection> {
        if self.rest.is_empty() { Ok(()) } else { Err(UnpackRejection::Damaged("trailing bytes")) }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], UnpackRejection> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }
}

impl Port for Reader<'_> {
    fn number(&mut self, value: &mut u64) -> Result<(), UnpackRejection> {
        let mut read = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(CUT)?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            read |= bits << shift;
            if byte & 0x80 == 0 {
                *value = read;
                return Ok(());
            }
        }
        Err(UnpackRejection::Damaged("a number has more than 64 bits"))
    }

    fn raw(&mut self, bytes: &mut [u8]) -> Result<(), UnpackRejection> {
        bytes.copy_from_slice(self.take(bytes.len())?);
        Ok(())
    }

    fn bytes(&mut self, bytes: &mut Vec<u8>, max: usize) -> Result<(), UnpackRejection> {
        let mut length = 0;
        self.number(&mut length)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= max);
        let length = length.ok_or(UnpackRejection::TooLarge)?;
        *bytes = self.take(length)?.to_vec();
        Ok(())
    }

    fn item<T>(&mut self, value: &mut Option<T>) -> Result<(), UnpackRejection>
    where
        T: Encode<()> + for<'b> Decode<'b, ()>,
    {
        let mut decoder = minicbor::Decoder::new(self.rest);
        let read = decoder.decode().map_err(|_| UnpackRejection::Damaged("not a value"))?;
        self.take(decoder.position())?;
        *value = Some(read);
        Ok(())
    }
}

const CUT: UnpackRejection = UnpackRejection::Damaged("cut off");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_the_largest_has_ten_bytes() {
        for value in [0, 1, 127, 128, 300, i64::MAX, i64::MIN, -1, -64, 64] {
            let mut port = Writer::default();
            port.signed(&mut value.clone()).unwrap();
            let (bytes, mut read) = (port.into_bytes(), 7);
            assert!(bytes.len() <= 10);
            Reader::new(&bytes).signed(&mut read).unwrap();
            assert_eq!(read, value);
        }
    }

    #[test]
    fn refuses_numbers_that_are_cut_off_or_too_large() {
        let read = |bytes: &[u8]| Reader::new(bytes).number(&mut 0);
        assert_eq!(read(&[0x80]), Err(CUT));
        assert!(read(&[&[0xff; 9][..], &[0x01]].concat()).is_ok());
        assert!(read(&[&[0xff; 9][..], &[0x02]].concat()).is_err());
        assert!(read(&[0xff; 11]).is_err());
    }
}
