//! What is carried: a parcel, the contents behind its seal, the answer that comes back.
#![no_main]

use carriage::{Parcel, ParcelContents, ParcelKey, ParcelSecret, SignedParcelAnswer};
use libfuzzer_sys::fuzz_target;
use seal::{Signer as _, SoftwareKey};

fuzz_target!(|data: &[u8]| {
    let key = SoftwareKey::from_seed(&[1; 32]);
    if let Ok(parcel) = Parcel::parse(data) {
        assert_eq!(parcel.to_bytes(), data);
        drop(parcel.open(&ParcelSecret::from_seed(&[1; 32])));
    }
    drop(ParcelContents::parse_and_verify(data, &key.public_key()));
    drop(ParcelKey::verify(data, &[key.public_key()]));
    if let Ok(answer) = SignedParcelAnswer::parse(data) {
        drop(answer.verify(&[key.public_key()]));
    }
});
