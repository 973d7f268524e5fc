//! The codes that a family's phone shows at the door.

use device::RecordError;
use ipc::{CodeView, ErrorCode, ErrorView, PaperCardView};

use crate::error;
use crate::shell::Shell;

impl Shell {
    pub(crate) async fn codes(&self) -> Result<Vec<CodeView>, ErrorView> {
        self.device
            .with(|device| {
                let children = device.own_children().into_iter();
                let codes = children.map(|child| {
                    let mut nonce = [0; 4];
                    getrandom::fill(&mut nonce)
                        .map_err(|_| error::view(ErrorCode::Broken, NO_RANDOMNESS))?;
                    let of_code = |why: RecordError| error::of_record(why);
                    let code = device.rotating_code(child.id, nonce).map_err(of_code)?;
                    let paper = device.paper_card(child.id).map_err(of_code)?;
                    Ok(CodeView {
                        child: child.id.to_string(),
                        name: child.name,
                        text: code.text,
                        left_ms: code.left_ms,
                        paper: paper.map(|paper| PaperCardView {
                            text: paper.text,
                            code: paper.code.to_string(),
                        }),
                    })
                });
                codes.collect()
            })
            .await
    }
}

const NO_RANDOMNESS: &str = "the system gave no random bytes for a code";
