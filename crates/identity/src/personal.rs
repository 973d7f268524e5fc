//! What names a person, and does not show itself by accident.

use core::fmt;

/// Holds a name, an id or a date of birth. `Debug` shows nothing of it, `Display` its first character.
#[derive(Clone, Eq, PartialEq)]
pub struct Personal(String);

impl Personal {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Gives the text itself, to whoever is allowed to see it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}•••", self.0.chars().next().unwrap_or('•'))
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
