//! The device's export as a file: what a server that lost its disk is rebuilt from.

use attendance::LeafKind;
use ipc::{ErrorCode, ErrorView, ExportView};
use sync_api::{DeviceExport, EXPORT_DOMAIN, EXPORT_VERSION, OpenedLeaf};

use crate::error::{self, ShellError};
use crate::shell::Shell;

/// An export, and what is in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExportFile {
    /// The file's bytes: a [`DeviceExport`], signed by the device.
    pub bytes: Vec<u8>,
    /// How many leaves of the log it opens.
    pub leaves: usize,
    /// How many checkpoints it holds.
    pub checkpoints: usize,
    /// How many own events have no receipt yet.
    pub unreceipted: usize,
}

impl Shell {
    pub(crate) async fn export_view(&self) -> Result<ExportView, ErrorView> {
        let file = self.export().await.map_err(|why| {
            if matches!(why, ShellError::NothingToExport) {
                error::not_enrolled()
            } else {
                error::view(ErrorCode::Broken, why.to_string())
            }
        })?;
        let device = self.device.with(|device| device.id()).await;
        Ok(ExportView {
            name: format!("qatysu-{device}.export"),
            bytes: file.bytes,
            leaves: file.leaves as u64,
            unreceipted: file.unreceipted as u64,
        })
    }

    /// Makes the file that this device hands over to rebuild its server.
    ///
    /// # Errors
    /// [`ShellError`] if the device is not enrolled, or its database cannot be read.
    pub async fn export(&self) -> Result<ExportFile, ShellError> {
        self.device
            .with(|device| {
                let export = device.export().map_err(ShellError::Export)?;
                let export = export.ok_or(ShellError::NothingToExport)?;
                let opened = |(leaf_index, leaf): (u64, device::KeptLeaf)| OpenedLeaf {
                    leaf_index,
                    kind: LeafKind::number(leaf.kind),
                    salt: leaf.salt,
                    bytes: leaf.bytes.into(),
                    receipt: leaf.receipt.into(),
                };
                let export = DeviceExport {
                    version: EXPORT_VERSION,
                    device: device.id(),
                    made_ms: device.now().wall_ms,
                    origin: export.origin,
                    roots: export.roots.into(),
                    trust_list: export.trust_list.into(),
                    certificates: export.certificates.into_iter().map(Into::into).collect(),
                    checkpoints: export.checkpoints,
                    leaves: export.leaves.into_iter().map(opened).collect(),
                    unreceipted: export.unreceipted.into_iter().map(Into::into).collect(),
                };
                let payload = seal::to_canonical(&export);
                Ok(ExportFile {
                    bytes: device.sign(EXPORT_DOMAIN, payload).map_err(ShellError::Sign)?,
                    leaves: export.leaves.len(),
                    checkpoints: export.checkpoints.len(),
                    unreceipted: export.unreceipted.len(),
                })
            })
            .await
    }
}
