//! Receipts that look right and are not: the log's signature is there, and the leaf, the path or the size
//! is another.

use sync_api::{BatchReceiptResponse, COMPACT_RECEIPTS_MEDIA_TYPE, CompactReceipts, EventReceipt};
use sync_client::Answer;
use tlog::{BatchReceipt, Receipt};

/// Changes the receipts in an answer, if there are any; `at` decides how.
pub(crate) fn falsify(answer: &mut Answer, at: u16) {
    if answer.media_type == COMPACT_RECEIPTS_MEDIA_TYPE {
        let Ok(mut compact) = CompactReceipts::parse(&answer.body) else { return };
        match at % 4 {
            0 => compact.salts.iter_mut().take(1).for_each(|salt| salt[3] ^= 1),
            1 => compact.places.reverse(),
            2 => other_path(&mut compact.receipt, at),
            _ => other_numbers(&mut compact.receipt),
        }
        answer.body = compact.to_bytes();
    } else if let Ok(mut each) = serde_json::from_slice::<BatchReceiptResponse>(&answer.body) {
        each.receipts.iter_mut().for_each(|receipt| falsify_one(receipt, at));
        let receipts = each.receipts.len();
        if at % 4 == 1 && receipts > 1 {
            let (first, rest) = each.receipts.split_at_mut(1);
            core::mem::swap(&mut first[0].receipt, &mut rest[0].receipt);
        }
        if let Ok(body) = serde_json::to_vec(&each) {
            answer.body = body;
        }
    }
}

fn falsify_one(one: &mut EventReceipt, at: u16) {
    match at % 4 {
        0 => one.salt.0.iter_mut().take(1).for_each(|byte| *byte ^= 1),
        1 => {}
        2 => other_path(&mut one.receipt.0, at),
        _ => other_numbers(&mut one.receipt.0),
    }
}

/// Changes a hash of the path.
fn other_path(receipt: &mut [u8], at: u16) {
    let path = match (BatchReceipt::parse(receipt), Receipt::parse(receipt)) {
        (Ok(batch), _) => batch.unverified_proof().path.clone(),
        (_, Ok(one)) => one.unverified_proof().path.clone(),
        _ => return,
    };
    let Some(hash) = path.get(usize::from(at) / 4 % path.len().max(1)) else { return };
    let place = receipt.windows(32).position(|bytes| bytes == hash.0);
    if let Some(byte) = place.and_then(|place| receipt.get_mut(place)) {
        *byte ^= 0x10;
    }
}

/// Changes place and size to others that fit the same path: the log's signature holds for them too.
fn other_numbers(receipt: &mut [u8]) {
    let (before, after) = match (BatchReceipt::parse(receipt), Receipt::parse(receipt)) {
        (Ok(batch), _) => {
            let proof = batch.unverified_proof();
            let [range] = proof.ranges[..] else { return };
            let Some((start, size)) = alike(range.start, range.count, proof.size) else { return };
            let head =
                |size, start| [&[0x83][..], &number(size), &[0x81, 0x82], &number(start)].concat();
            (head(proof.size, range.start), head(size, start))
        }
        (_, Ok(one)) => {
            let proof = one.unverified_proof();
            let Some((index, size)) = alike(proof.index, 1, proof.size) else { return };
            let head = |size, index| [&[0x83][..], &number(size), &number(index)].concat();
            (head(proof.size, proof.index), head(size, index))
        }
        _ => return,
    };
    let place = receipt.windows(before.len()).position(|bytes| bytes == before);
    if let Some(place) = place.filter(|_| before.len() == after.len()) {
        receipt[place..place + before.len()].copy_from_slice(&after);
    }
}

/// Finds other leaves of another tree whose paths go left and right as those of these do.
fn alike(start: u64, count: u64, size: u64) -> Option<(u64, u64)> {
    let turns_of = |start: u64, size: u64| -> Vec<_> {
        (start..start + count).map(|index| turns(index, size)).collect()
    };
    let turns = turns_of(start, size);
    let sizes = (count..size).rev().chain(size + 1..size * 2);
    let mut pairs = sizes.flat_map(|size| (0..=size - count).map(move |start| (start, size)));
    pairs.find(|(start, size)| turns_of(*start, *size) == turns)
}

/// On which side each hash of a path stands ([RFC 9162 §2.1.3.2]).
fn turns(mut index: u64, size: u64) -> Vec<bool> {
    let (mut last, mut turns) = (size - 1, Vec::new());
    while last > 0 {
        let left = index & 1 == 1 || index == last;
        turns.push(left);
        while left && index & 1 == 0 && index > 0 {
            (index, last) = (index >> 1, last >> 1);
        }
        (index, last) = (index >> 1, last >> 1);
    }
    turns
}

/// A number in CBOR.
fn number(number: u64) -> Vec<u8> {
    let all = number.to_be_bytes();
    match number {
        0..=23 => vec![all[7]],
        24..=0xff => vec![0x18, all[7]],
        _ => vec![0x19, all[6], all[7]],
    }
}
