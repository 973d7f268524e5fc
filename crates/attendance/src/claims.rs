//! What a card says: a CBOR Web Token claims set ([RFC 8392]) in its one encoding.
//!
//! | key | claim | value |
//! |---:|---|---|
//! | 4 | `exp` | seconds since 1970-01-01T00:00Z |
//! | 7 | `cti` | card id, 8 bytes |
//! | 8 | `cnf` ([RFC 8747 §3.2]), optional | `{1: {1: 1, -1: 6, -2: x}}`, the holder's Ed25519 key |
//! | −1 | ours | child, 12 bytes |
//! | −2 | ours | voucher, 8 bytes |
//! | −3 | ours | index in the status list |
//!
//! Our three keys are short on purpose: the private range of the registry begins at −65537 and would
//! cost 12 bytes of a QR code. They mean this only inside a card's signature domain.
//!
//! [RFC 8392]: https://www.rfc-editor.org/rfc/rfc8392
//! [RFC 8747 §3.2]: https://www.rfc-editor.org/rfc/rfc8747#section-3.2

use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::id::{CardId, ChildId, VoucherId};

/// Says who comes, by pseudonym, and until when the card holds. No name, no IIN, no birth date.
///
/// These bytes are signed. Changing the encoding orphans every printed card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardClaims {
    /// The first second at which the card no longer holds.
    pub expires_at_s: u32,
    /// The card; a reissued one has another id.
    pub card: CardId,
    /// The child.
    pub child: ChildId,
    /// The child's voucher.
    pub voucher: VoucherId,
    /// The card's place in the status list.
    pub status_index: u32,
    /// The public key of the family's phone, on a card for rotating codes.
    pub holder: Option<[u8; 32]>,
}

impl<C> Encode<C> for CardClaims {
    fn encode<W: Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), EncodeError<W::Error>> {
        e.map(if self.holder.is_some() { 6 } else { 5 })?;
        e.i8(EXP)?.u32(self.expires_at_s)?;
        e.i8(CTI)?.bytes(&self.card.0)?;
        if let Some(x) = &self.holder {
            e.i8(CNF)?.map(1)?.i8(CNF_COSE_KEY)?;
            e.map(3)?.i8(KEY_KTY)?.i8(KTY_OKP)?.i8(KEY_CRV)?.i8(CRV_ED25519)?;
            e.i8(KEY_X)?.bytes(x)?;
        }
        e.i8(CHILD)?.bytes(&self.child.0)?;
        e.i8(VOUCHER)?.bytes(&self.voucher.0)?;
        e.i8(STATUS)?.u32(self.status_index)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for CardClaims {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let with_holder = match d.map()? {
            Some(5) => false,
            Some(6) => true,
            Some(_) | None => return Err(DecodeError::message("a card has 5 or 6 claims")),
        };
        expect(d, EXP)?;
        let expires_at_s = d.u32()?;
        expect(d, CTI)?;
        let card = CardId(fixed(d)?);
        let holder = if with_holder { Some(holder_key(d)?) } else { None };
        expect(d, CHILD)?;
        let child = ChildId(fixed(d)?);
        expect(d, VOUCHER)?;
        let voucher = VoucherId(fixed(d)?);
        expect(d, STATUS)?;
        Ok(Self { expires_at_s, card, child, voucher, status_index: d.u32()?, holder })
    }
}

fn holder_key(d: &mut Decoder<'_>) -> Result<[u8; 32], DecodeError> {
    expect(d, CNF)?;
    if d.map()? != Some(1) {
        return Err(DecodeError::message("cnf holds one key"));
    }
    expect(d, CNF_COSE_KEY)?;
    if d.map()? != Some(3) {
        return Err(DecodeError::message("the holder's key is an Ed25519 COSE_Key"));
    }
    for number in [KEY_KTY, KTY_OKP, KEY_CRV, CRV_ED25519, KEY_X] {
        expect(d, number)?;
    }
    let key = fixed(d)?;
    seal::PublicKey::parse(&key).map_err(|_| DecodeError::message("the holder's key is weak"))?;
    Ok(key)
}

fn expect(d: &mut Decoder<'_>, number: i8) -> Result<(), DecodeError> {
    if d.i8()? == number {
        Ok(())
    } else {
        Err(DecodeError::message("a claim is missing, unknown or out of order"))
    }
}

fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], DecodeError> {
    d.bytes()?.try_into().map_err(|_| DecodeError::message("a claim has the wrong length"))
}

// RFC 8392 §4, RFC 8747 §7.1.
const EXP: i8 = 4;
const CTI: i8 = 7;
const CNF: i8 = 8;
// Ours.
const CHILD: i8 = -1;
const VOUCHER: i8 = -2;
const STATUS: i8 = -3;
// RFC 8747 §3.1 and RFC 9053 §7.2.
const CNF_COSE_KEY: i8 = 1;
const KEY_KTY: i8 = 1;
const KTY_OKP: i8 = 1;
const KEY_CRV: i8 = -1;
const CRV_ED25519: i8 = 6;
const KEY_X: i8 = -2;
