//! A set of numbers in few bits: the gaps between them, Golomb–Rice coded. Exact: no number is ever
//! found that was not put in.
//!
//! On the wire a CBOR array of 3: how many, the parameter *k*, and the bits. Each gap (the first
//! number; then each number less the one before, less 1) is `gap >> k` ones, a zero, and the lowest
//! *k* bits of the gap, most significant bit first. The last byte is filled up with zeros. *k* is the
//! smallest of those that give the fewest bits, so a set has one encoding.
//!
//! Whatever the numbers are, *n* of them below *N* take at most `n (k + 1) + N / 2^k` bits: 7000 of
//! 700 000 take at most 7.5 kB, by chance 7.1 kB, and no code could take fewer than 7.07 kB.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// Holds numbers in ascending order, each once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct IndexSet(Vec<u32>);

impl FromIterator<u32> for IndexSet {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self(numbers)
    }
}

impl IndexSet {
    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.0
    }

    /// Decides in the logarithm of the size.
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.0.binary_search(&number).is_ok()
    }

    /// Gives what is in this set and not in the other.
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().copied().filter(|number| !other.contains(*number)).collect())
    }

    /// Gives what is in either set.
    pub(crate) fn with(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    fn gaps(&self) -> impl Iterator<Item = u32> {
        // One more than the number before: what the next gap counts from.
        let mut from = 0u32;
        self.0.iter().map(move |number| {
            let gap = number - from;
            from = number.saturating_add(1);
            gap
        })
    }

    /// Finds the parameter. A step from k to k + 1 costs a bit for each gap and saves half of each
    /// quotient; the saving falls as k rises, so the first step that does not pay is the last.
    fn parameter(&self) -> u8 {
        let count = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        let saved = |k: u8| -> u64 {
            self.gaps().map(|gap| u64::from(gap >> k) - u64::from(gap >> (k + 1))).sum()
        };
        (0..PARAMETER_MAX).find(|k| saved(*k) <= count).unwrap_or(PARAMETER_MAX)
    }
}

impl<C> Encode<C> for IndexSet {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        let k = self.parameter();
        let mut bits = BitWriter::default();
        for gap in self.gaps() {
            for _ in 0..gap >> k {
                bits.push(true);
            }
            bits.push(false);
            for at in (0..k).rev() {
                bits.push((gap >> at) & 1 == 1);
            }
        }
        let count = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        e.array(3)?.u64(count)?.u8(k)?.bytes(&bits.bytes)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for IndexSet {
    /// Takes time and space in proportion to the bytes, whatever the count says: a number takes a bit
    /// at least, and room is made for one number at a time. Whether this
    /// was the set's one encoding is the caller's to ask ([`seal::from_canonical`]).
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        if d.array()? != Some(3) {
            return Err(DecodeError::message("a set is an array of 3"));
        }
        let (count, k) = (d.u64()?, d.u8()?);
        let mut bits = BitReader { bytes: d.bytes()?, at: 0 };
        let mut numbers = Vec::new();
        let mut from = 0u64;
        for _ in 0..count {
            let gap = bits.gap(k).ok_or_else(|| DecodeError::message("the bits end too early"))?;
            let number = from.checked_add(gap).and_then(|number| u32::try_from(number).ok());
            let number = number.ok_or_else(|| DecodeError::message("a number above 32 bits"))?;
            numbers.push(number);
            from = u64::from(number) + 1;
        }
        Ok(Self(numbers))
    }
}

/// Bits, most significant first.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    count: usize,
}

impl BitWriter {
    fn push(&mut self, bit: bool) {
        let mask = 0x80 >> (self.count % 8);
        if self.count.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if bit && let Some(last) = self.bytes.last_mut() {
            *last |= mask;
        }
        self.count += 1;
    }
}

struct BitReader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl BitReader<'_> {
    fn next(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte & (0x80 >> (self.at % 8)) != 0;
        self.at += 1;
        Some(bit)
    }

    /// Reads one gap. The quotient is no longer than the bits, so nothing overflows.
    fn gap(&mut self, k: u8) -> Option<u64> {
        let mut quotient = 0u64;
        while self.next()? {
            quotient += 1;
        }
        let mut gap = quotient;
        for _ in 0..k {
            gap = gap.checked_mul(2)? | u64::from(self.next()?);
        }
        Some(gap)
    }
}

const PARAMETER_MAX: u8 = 31;

#[cfg(test)]
mod tests;
