//! Secrets that are handed out: tokens of sessions and links, and recovery codes. Only hashes are kept.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seal::Hash;
use subtle::ConstantTimeEq as _;

use crate::entropy::Entropy;
use crate::error::ServerError;

/// How many recovery codes an account gets.
pub(super) const CODES: usize = 10;
/// Random bytes in a code: 80 bits, sixteen letters.
const CODE_BYTES: usize = 10;
/// Letters that are not mistaken for each other; 32 of them.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Letters between two dashes.
const GROUP: usize = 4;

/// A secret of 256 bits, and what follows from it.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Token([u8; 32]);

impl Token {
    /// Draws one.
    pub(crate) fn draw(entropy: &Entropy) -> Result<Self, ServerError> {
        entropy.draw().map(Self)
    }

    /// Reads one as an address or a cookie has it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Writes it for an address or a cookie.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Gives what is kept of it.
    pub(crate) fn hash(&self) -> Hash {
        seal::sha256_of(&[b"qatysu/console/token", &self.0])
    }

    /// Gives what a page of its holder puts into forms: whoever sees it cannot make a token of it.
    pub(crate) fn form_word(&self) -> String {
        URL_SAFE_NO_PAD.encode(seal::sha256_of(&[b"qatysu/console/form", &self.0]).0)
    }

    /// Tells whether a form came from a page of its holder. Takes as long for any wrong word.
    pub(crate) fn wrote(&self, word: &str) -> bool {
        self.form_word().as_bytes().ct_eq(word.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Draws a recovery code, `abcd-efgh-jkmn-pqrs`, and gives what is kept of it.
pub(super) fn draw_code(entropy: &Entropy) -> Result<(String, Hash), ServerError> {
    let bytes: [u8; CODE_BYTES] = entropy.draw()?;
    let mut code = String::with_capacity(20);
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut letters = 0;
    for byte in bytes {
        bits = (bits << 8) | u32::from(byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            if letters > 0 && letters % GROUP == 0 {
                code.push('-');
            }
            let place = (bits >> held) & 31;
            code.push(LETTERS.get(place as usize).copied().map_or('0', char::from));
            letters += 1;
        }
        bits &= (1 << held) - 1;
    }
    let hash = code_hash(&code).ok_or(ServerError::Stored("recovery code"))?;
    Ok((code, hash))
}

/// Gives what is kept of a code as somebody typed it: case, dashes and spaces do not count, and letters
/// that look like digits are those. Nothing if it is no code.
pub(super) fn code_hash(typed: &str) -> Option<Hash> {
    let mut plain = Vec::with_capacity(16);
    for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
        let letter = match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        let byte = u8::try_from(letter).ok().filter(|byte| LETTERS.contains(byte))?;
        if plain.len() == 16 {
            return None;
        }
        plain.push(byte);
    }
    (plain.len() == 16).then(|| seal::sha256_of(&[b"qatysu/console/code", &plain]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_word_is_of_one_token_and_shows_it_not() {
        let entropy = Entropy::seeded([1; 32]);
        let (one, other) = (Token::draw(&entropy).unwrap(), Token::draw(&entropy).unwrap());
        assert!(one.wrote(&one.form_word()));
        assert!(!one.wrote(&other.form_word()) && !one.wrote("") && !one.wrote(&one.text()));
        assert_ne!(one.form_word(), one.text());
        assert_eq!(Token::parse(&one.text()), Some(one.clone()));
        assert_eq!(format!("{one:?}"), "Token(***)");
        assert!(Token::parse("short").is_none() && Token::parse("").is_none());
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let entropy = Entropy::seeded([2; 32]);
        let (code, hash) = draw_code(&entropy).unwrap();
        assert_eq!((code.len(), code.matches('-').count()), (19, 3), "{code}");
        assert_eq!(code_hash(&code.to_uppercase().replace('-', " ")), Some(hash));
        assert_eq!(code_hash(&code.replace('0', "O").replace('1', "l")), Some(hash));
        assert_ne!(draw_code(&entropy).unwrap().0, code);
        for wrong in ["", "abcd", "abcd-efgh-jkmn-pqr!", "abcd-efgh-jkmn-pqrs-t", "ю"] {
            assert_eq!(code_hash(wrong), None, "{wrong}");
        }
    }
}
