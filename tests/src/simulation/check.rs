//! What must hold after every step, whatever happened.
//!
//! Most of it looks only at what is new since the step before; all of it is looked at from time to time
//! and at the end.

mod answers;
mod carriers;
mod end;
mod ledger;
mod log;
mod phones;

pub(crate) use log::Known;

use super::world::World;

impl World {
    /// Checks the world; `whole` looks at everything again.
    pub(crate) fn check(&mut self, whole: bool) -> Result<(), String> {
        let exchanges = self.network.take_answered();
        let sql = |error: rusqlite::Error| format!("the server's file: {error}");
        self.known.read_on(&self.seen).map_err(sql)??;
        if whole {
            self.known.read_again(&self.seen).map_err(sql)??;
            self.check_ledger()?;
        }
        if !exchanges.is_empty() {
            self.remember_rosters();
        }
        for exchange in &exchanges {
            self.check_answer(exchange)?;
        }
        self.take_words()?;
        for number in 0..self.phones.len() {
            self.check_phone(number, whole).map_err(|error| format!("device {number}: {error}"))?;
            self.check_folder(number).map_err(|error| format!("device {number}: {error}"))?;
        }
        let size = self.known.size();
        self.network.tell(&format!("  = {size} leaves, {}", self.known.root()), &[]);
        Ok(())
    }
}
