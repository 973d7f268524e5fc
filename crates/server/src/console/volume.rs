//! What the issuer's head writes in the console: a year's volume, and what corrects it. The district
//! becomes a newer one, as by `qatysu budget`; nothing of the one before is edited.

use ledger::{Budget, BudgetCorrection, Snapshot};
use server_store::{AccountId, ConsoleAct};

use crate::amendment::{DistrictUpdate, UpdateError};
use crate::error::ServerError;
use crate::server::Server;

/// A record more about volumes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum VolumeRecord {
    /// A volume.
    Set(Budget),
    /// A correction of the one with this name.
    Correct(String, BudgetCorrection),
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VolumeError {
    /// There is none to correct.
    #[error("there is no budget {0}")]
    Unknown(String),
    /// The district is another one than the person saw.
    #[error("the district was changed meanwhile: look at it again")]
    Changed,
    /// The district does not take it.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// Storage failed.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl VolumeRecord {
    fn add_to(self, snapshot: &mut Snapshot) -> Result<(), VolumeError> {
        match self {
            Self::Set(budget) => snapshot.budget.push(budget),
            Self::Correct(id, correction) => {
                let known = snapshot.budget.iter_mut().find(|one| one.id == id);
                known.ok_or(VolumeError::Unknown(id))?.corrections.push(correction);
            }
        }
        Ok(())
    }

    /// Names what was done, and to what.
    fn told(&self) -> (&'static str, String) {
        match self {
            Self::Set(budget) => ("volume_set", format!("{}, {}", budget.id, budget.document)),
            Self::Correct(id, one) => ("volume_corrected", format!("{id}, {}", one.document)),
        }
    }
}

impl Server {
    /// Says what a record would change, and which version of the district it would make.
    pub(crate) async fn try_volume(
        &self,
        record: VolumeRecord,
    ) -> Result<DistrictUpdate, VolumeError> {
        self.amend_volume(record, None).await
    }

    /// Writes a record, if it makes the version of the district that the person saw.
    pub(crate) async fn write_volume(
        &self,
        by: AccountId,
        record: VolumeRecord,
        version: u32,
    ) -> Result<DistrictUpdate, VolumeError> {
        let (what, about) = record.told();
        let written = self.amend_volume(record, Some(version)).await?;
        let at_ms = self.clock.now_ms();
        let act = ConsoleAct { at_ms, account: Some(by), what: what.to_owned(), about };
        self.store.put_console_act(act).await.map_err(ServerError::from)?;
        Ok(written)
    }

    async fn amend_volume(
        &self,
        record: VolumeRecord,
        wanted: Option<u32>,
    ) -> Result<DistrictUpdate, VolumeError> {
        let mut district = self.district().await?;
        record.add_to(&mut district.snapshot)?;
        let version = district.snapshot.version.saturating_add(1);
        if wanted.is_some_and(|wanted| wanted != version) {
            return Err(VolumeError::Changed);
        }
        district.snapshot.version = version;
        Ok(self.update_district(&district, wanted.is_none()).await?)
    }
}
