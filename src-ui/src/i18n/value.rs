//! What is put into a sentence.

/// A value of a sentence.
#[derive(Clone)]
pub(crate) enum Value {
    /// A text, as it is.
    Text(String),
    /// A whole number, by which a sentence may choose its words.
    Number(i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

macro_rules! from_number {
    ($($number:ty)*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}

from_number! { u8 u16 u32 i32 i64 u64 usize }
