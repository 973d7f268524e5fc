//! What an identity says: the claims of its token ([RFC 8392]), and of the person what is needed.
//!
//! | claim | what | kept |
//! |---:|---|---|
//! | 1, 4, 5, 6 | issuer, end, beginning, issued at | yes |
//! | 169 | MOSIP Claim 169: a map by numbers | 1, 4–8, 19: id, names, date of birth |
//! | −260 | health certificate: `{1: {nam, dob, …}}` | names, date of birth |
//!
//! [RFC 8392]: https://www.rfc-editor.org/rfc/rfc8392

use std::collections::{BTreeMap, BTreeSet};

use crate::cbor::{Key, Lengths, Value, decode};
use crate::personal::Personal;
use crate::rejection::{IdentityRejection, malformed};

/// Says whose scheme an identity is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// MOSIP Claim 169.
    Claim169,
    /// A health certificate, `HC1:`.
    HealthCertificate,
}

impl Scheme {
    /// Names the scheme for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Claim169 => "claim_169",
            Self::HealthCertificate => "health_certificate",
        }
    }
}

/// What is kept of a person.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Field {
    /// The number under which the issuer knows the person.
    Id,
    /// The whole name.
    FullName,
    /// The given name.
    FirstName,
    /// What stands between.
    MiddleName,
    /// The family's name.
    LastName,
    /// The whole name in another language.
    SecondName,
    /// The date of birth, as the issuer wrote it.
    BirthDate,
}

impl Field {
    /// Names the field for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::FullName => "full_name",
            Self::FirstName => "first_name",
            Self::MiddleName => "middle_name",
            Self::LastName => "last_name",
            Self::SecondName => "second_name",
            Self::BirthDate => "birth_date",
        }
    }
}

/// Says who the person is and how long the identity holds. Its `Debug` shows no name and no number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claims {
    /// Whose scheme it is.
    pub scheme: Scheme,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The first second at which it no longer holds.
    pub expires_at_s: Option<i64>,
    /// The first second at which it holds.
    pub not_before_s: Option<i64>,
    /// When it was issued.
    pub issued_at_s: Option<i64>,
    fields: BTreeMap<Field, Personal>,
    dropped: BTreeSet<&'static str>,
}

impl Claims {
    /// Gives what is kept of the person, each field once.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &Personal)> {
        self.fields.iter().map(|(field, personal)| (*field, personal))
    }

    /// Gives one field.
    #[must_use]
    pub fn field(&self, field: Field) -> Option<&Personal> {
        self.fields.get(&field)
    }

    /// Names what the text had besides and what was not taken: photographs first of all.
    pub fn dropped(&self) -> impl Iterator<Item = &'static str> {
        self.dropped.iter().copied()
    }

    /// Parses the payload of a token.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, IdentityRejection> {
        let Value::Map(token) = decode(payload, Lengths::Any)? else {
            return Err(malformed("the token is no map"));
        };
        let person = (token.get(&Key::Int(CLAIM_169)), token.get(&Key::Int(CLAIM_HEALTH)));
        let (scheme, taken) = match person {
            (Some(Value::Map(person)), None) => (Scheme::Claim169, Taken::of_claim_169(person)?),
            (None, Some(Value::Map(health))) => {
                (Scheme::HealthCertificate, Taken::of_health(health)?)
            }
            (None, None) => return Err(IdentityRejection::NoIdentity),
            (Some(_), Some(_)) => return Err(malformed("it names two persons")),
            (Some(_), None) | (None, Some(_)) => return Err(malformed("the person is no map")),
        };
        if taken.fields.is_empty() {
            return Err(IdentityRejection::NoIdentity);
        }
        let issuer = token.get(&Key::Int(ISS)).map(plain).transpose()?.map(str::to_owned);
        let time = |claim| token.get(&Key::Int(claim)).map(whole_seconds).transpose();
        Ok(Self {
            scheme,
            issuer,
            expires_at_s: time(EXP)?,
            not_before_s: time(NBF)?,
            issued_at_s: time(IAT)?,
            fields: taken.fields,
            dropped: taken.dropped,
        })
    }
}

/// What is taken of a person's map while it is read.
#[derive(Default)]
struct Taken {
    fields: BTreeMap<Field, Personal>,
    dropped: BTreeSet<&'static str>,
}

impl Taken {
    fn of_claim_169(person: &BTreeMap<Key<'_>, Value<'_>>) -> Result<Self, IdentityRejection> {
        let mut taken = Self::default();
        for (key, value) in person {
            let number = match key {
                Key::Int(number) => *number,
                Key::Text(_) => -1,
            };
            match kept_of_claim_169(number) {
                Ok(field) => taken.keep(field, value)?,
                Err(name) => drop(taken.dropped.insert(name)),
            }
        }
        Ok(taken)
    }

    /// The person of a health certificate is in entry 1; all the rest of it is about health.
    fn of_health(health: &BTreeMap<Key<'_>, Value<'_>>) -> Result<Self, IdentityRejection> {
        let Some(Value::Map(certificate)) = health.get(&Key::Int(1)) else {
            return Err(IdentityRejection::NoIdentity);
        };
        let mut taken = Self::default();
        for (key, value) in certificate {
            match (key, value) {
                (Key::Text("nam"), Value::Map(name)) => taken.names(name)?,
                (Key::Text("dob"), birth) => taken.keep(Field::BirthDate, birth)?,
                (Key::Text("ver"), _) => drop(taken.dropped.insert("version")),
                _ => drop(taken.dropped.insert("health record")),
            }
        }
        Ok(taken)
    }

    fn names(&mut self, name: &BTreeMap<Key<'_>, Value<'_>>) -> Result<(), IdentityRejection> {
        for (key, value) in name {
            match key {
                Key::Text("fn") => self.keep(Field::LastName, value)?,
                Key::Text("gn") => self.keep(Field::FirstName, value)?,
                Key::Int(_) | Key::Text(_) => drop(self.dropped.insert("passport spelling")),
            }
        }
        Ok(())
    }

    fn keep(&mut self, field: Field, value: &Value<'_>) -> Result<(), IdentityRejection> {
        let text = plain(value)?;
        if !text.is_empty() {
            self.fields.insert(field, Personal::new(text));
        }
        Ok(())
    }
}

/// Says which field a number of Claim 169 is, or the name under which it is dropped.
fn kept_of_claim_169(number: i64) -> Result<Field, &'static str> {
    Ok(match number {
        1 => Field::Id,
        4 => Field::FullName,
        5 => Field::FirstName,
        6 => Field::MiddleName,
        7 => Field::LastName,
        8 => Field::BirthDate,
        19 => Field::SecondName,
        2 => return Err("version"),
        3 | 20 => return Err("language"),
        9 => return Err("gender"),
        10 => return Err("address"),
        11 => return Err("e-mail"),
        12 => return Err("telephone"),
        13 => return Err("nationality"),
        14 => return Err("marital status"),
        15 => return Err("guardian"),
        16 | 17 => return Err("photograph"),
        18 | 50..=65 => return Err("biometrics"),
        21 => return Err("location"),
        22 => return Err("legal status"),
        23 => return Err("country of issuance"),
        _ => return Err("unknown field"),
    })
}

/// Takes a text that a screen may show: no control characters.
fn plain<'b>(value: &Value<'b>) -> Result<&'b str, IdentityRejection> {
    let Value::Text(text) = value else { return Err(malformed("a field is no text")) };
    if text.chars().any(char::is_control) {
        return Err(malformed("a field holds control characters"));
    }
    Ok(text)
}

fn whole_seconds(value: &Value<'_>) -> Result<i64, IdentityRejection> {
    let Value::Int(seconds) = value else {
        return Err(malformed("a time is no whole number of seconds"));
    };
    Ok(*seconds)
}

// RFC 8392 §4.
const ISS: i64 = 1;
const EXP: i64 = 4;
const NBF: i64 = 5;
const IAT: i64 = 6;
const CLAIM_169: i64 = 169;
const CLAIM_HEALTH: i64 = -260;
