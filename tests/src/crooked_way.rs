//! A way to the server that somebody stands in: what is asked may be changed, and what is answered.

use core::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use shell_core::Shell;
use sync_client::{
    Answer, Call, Calling, SyncClient, SyncError, SyncReport, Transport, Unanswered,
};

/// Carries calls over HTTP, and lets somebody change them.
#[derive(Debug)]
pub struct CrookedWay {
    way: Arc<dyn Transport>,
    somebody: Somebody,
    calls: Mutex<Vec<String>>,
}

/// What stands in the way.
struct Somebody {
    asks: Box<dyn Asks>,
    answers: Box<dyn Answers>,
}

/// Changes what is asked.
trait Asks: Fn(Call) -> Call + Send + Sync {}
impl<F: Fn(Call) -> Call + Send + Sync> Asks for F {}

/// Changes what is answered, or loses it.
trait Answers: Fn(&Call, Answer) -> Option<Answer> + Send + Sync {}
impl<F: Fn(&Call, Answer) -> Option<Answer> + Send + Sync> Answers for F {}

impl CrookedWay {
    /// Makes a way on which every question becomes what `asks` makes of it, and every answer what
    /// `answers` does; nothing is an answer that is lost.
    ///
    /// # Panics
    /// If there is no network.
    pub fn new(
        asks: impl Fn(Call) -> Call + Send + Sync + 'static,
        answers: impl Fn(&Call, Answer) -> Option<Answer> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let way = SyncClient::new().expect("a network").transport();
        let somebody = Somebody { asks: Box::new(asks), answers: Box::new(answers) };
        Arc::new(Self { way, somebody, calls: Mutex::default() })
    }

    /// Makes a way on which only answers are changed.
    pub fn answering(
        answers: impl Fn(&Call, Answer) -> Option<Answer> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::new(|call| call, answers)
    }

    /// Syncs a device on this way.
    ///
    /// # Errors
    /// As any sync.
    pub async fn sync(self: &Arc<Self>, shell: &Shell) -> Result<SyncReport, SyncError> {
        SyncClient::over(Arc::<Self>::clone(self)).sync(shell.device()).await
    }

    /// Tells what was asked, place by place.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for CrookedWay {
    fn call(&self, call: Call) -> Calling<'_> {
        Box::pin(async move {
            let call = (self.somebody.asks)(call);
            let place = call.url.split("/v1/").nth(1).unwrap_or_default().to_owned();
            self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(place);
            let answer = self.way.call(call.clone()).await?;
            let lost = || Unanswered { why: "the line broke".to_owned(), source: None };
            (self.somebody.answers)(&call, answer).ok_or_else(lost)
        })
    }
}

impl fmt::Debug for Somebody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Somebody(…)")
    }
}
