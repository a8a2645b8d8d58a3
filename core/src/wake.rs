//! A device that sleeps: what wakes it, and what it does in the moment in which it is awake.

use std::time::Duration;

use jid::BareJid;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::core::Core;
use crate::error::{Cause, Invalid};
use crate::model::{AccountId, CatchUp, Wake};
use crate::protocol::push;
use crate::session::Ask;
use crate::store::pushes;

/// An endpoint is not longer, in bytes. Specification `AND_3.0.0` of `UnifiedPush`.
const LONGEST: usize = 1000;

impl Core {
    /// Who wakes this device, and whether the servers know. A query.
    pub async fn wake(&self) -> Result<Wake, Cause> {
        let wake = self.store().read(|conn| {
            let (service, endpoint) = pushes::wake(conn)?;
            let all = pushes::all(conn)?;
            Ok(Wake {
                service,
                endpoint,
                accounts: all.into_iter().map(|push| (push.account, push.state)).collect(),
            })
        });
        Ok(wake.await?)
    }

    /// Which push service the servers tell when something comes while this device is not connected; `None`: nobody. An intent.
    pub async fn wake_by(&self, service: Option<BareJid>) -> Result<(), Cause> {
        let written = self.store().write(move |tx| {
            pushes::set_service(tx, service.as_ref())?;
            push::settle(tx)
        });
        written.await?;
        self.ask_all(|| Ask::Pushes);
        Ok(())
    }

    /// Where that service reaches this device; `None`: nowhere any more. An intent.
    pub async fn set_endpoint(&self, endpoint: Option<String>) -> Result<(), Cause> {
        let fits =
            |it: &String| it.len() <= LONGEST && it.starts_with("https://") && it.chars().all(|c| c.is_ascii_graphic());
        if let Some(wrong) = endpoint.as_ref().filter(|it| !fits(it)) {
            return Err(Invalid::Address(wrong.chars().take(80).collect()).into());
        }
        let written = self.store().write(move |tx| {
            pushes::set_endpoint(tx, endpoint.as_deref())?;
            push::settle(tx)
        });
        written.await?;
        self.ask_all(|| Ask::Pushes);
        Ok(())
    }

    /// For a device that was woken for a moment: connects every account at once, and returns when each has what is new and what
    /// was written here has left, or when so much time has passed. An account that needs the user is not waited for.
    pub async fn catch_up(&self, deadline: Duration) -> CatchUp {
        let core = self.clone();
        let deadline = Instant::now() + deadline;
        let behind = self
            .on_runtime(async move { core.catch_up_until(deadline).await })
            .await;
        match behind {
            Ok(behind) if behind.is_empty() => CatchUp::Done,
            Ok(behind) => CatchUp::Behind(behind),
            Err(cause) => {
                tracing::warn!(kind = cause.kind(), "woken in vain");
                CatchUp::Behind(Vec::new())
            }
        }
    }

    async fn catch_up_until(&self, deadline: Instant) -> Result<Vec<AccountId>, Cause> {
        // Whoever is late finds no session, and says so.
        let _ = timeout_at(deadline, self.begun()).await;
        let mut waiting = Vec::new();
        for account in self.accounts().await? {
            let (woken, caught_up) = oneshot::channel();
            self.sessions(|sessions| {
                if let Some(session) = sessions.get(&account.id) {
                    session.ask(Ask::CatchUp(woken));
                }
            });
            waiting.push((account.id, caught_up));
        }
        let mut behind = Vec::new();
        for (account, caught_up) in waiting {
            if !matches!(timeout_at(deadline, caught_up).await, Ok(Ok(()))) {
                behind.push(account);
            }
        }
        Ok(behind)
    }
}
