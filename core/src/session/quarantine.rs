//! A stanza that ends the stream each time it comes, or each time it goes, is left out: one absurd message must not cost
//! the family its connection for ever. XEP-0198.
//!
//! *Coming*: a stream that goes on brings it again, as the first stanza that is not counted. The second time it is counted
//! unread, and the archive is asked again for what it can tell better. Where the stream does not go on, the way through
//! the archive leads past it.
//!
//! *Going*: once the server ended the stream with an error, jobs go one at a time. The one that is alone on its way when
//! it happens again is taken back.

use super::begin::Previous;
use super::stream::HalfRead;
use super::supervise::Supervisor;
use crate::archive;
use crate::clock;
use crate::error::Cause;
use crate::incoming::Context;
use crate::model::Reason;
use crate::store::quarantine::{self, LeftOut};
use crate::store::{messages, outbox, streams};

/// Something that could not be read, and where in the stream.
#[derive(Debug)]
pub(super) struct Choke {
    /// Absent if the stream cannot go on anyway.
    place: Option<Previous>,
    half_read: HalfRead,
}

impl Choke {
    fn left_out(half_read: HalfRead) -> LeftOut {
        LeftOut {
            reason: Reason::Unreadable,
            sender: half_read.sender,
            archive_id: half_read.archive_id,
        }
    }
}

impl Supervisor {
    /// Reading ended inside something that is not XML.
    pub(super) async fn choked(&mut self, half_read: HalfRead) -> Result<(), Cause> {
        let place = self.state.management.previous();
        let again = place.is_some() && self.choke.as_ref().is_some_and(|choke| choke.place == place);
        if !again {
            self.choke = Some(Choke { place, half_read });
            return Ok(());
        }
        tracing::warn!("a stanza that cannot be read ended the stream twice: it is left out");
        let (account, counts) = (self.state.context.account, self.state.management.counts(1));
        let of_a_page = self.state.sync.is_reading() && half_read.archive_id.is_some();
        let out = Choke::left_out(half_read);
        let written = self.state.store.write(move |tx| {
            quarantine::put(tx, account, &out, clock::now())?;
            counts.map_or(Ok(()), |counts| streams::put(tx, account, &counts))
        });
        written.await?;
        self.state.management.stored(1);
        self.state.sync.counted();
        self.choke = None;
        self.attempts.soon();
        if !of_a_page {
            self.state.sync.fall_behind();
        }
        Ok(())
    }

    /// The stream in which something could not be read does not go on. If it was in a page of the archive it will be
    /// there again: what is to be stored of the page, and how to get past it.
    pub(super) async fn pass_over(&mut self) -> Result<(), Cause> {
        let Some(Choke { half_read, .. }) = self.choke.take() else {
            return Ok(());
        };
        let page = self.state.sync.unreadable(half_read.archive_id.clone());
        if half_read.archive_id.is_some() {
            self.attempts.soon();
        }
        let Some(page) = page else {
            return Ok(());
        };
        let now = clock::now();
        let context = Context {
            now,
            ..self.state.context.clone()
        };
        let out = Choke::left_out(half_read);
        let written = self.state.store.write(move |tx| {
            quarantine::put(tx, context.account, &out, now)?;
            archive::store(tx, &context, &page)
        });
        Ok(written.await?)
    }

    /// The server ended the stream with an error: it may not have liked what it heard.
    pub(super) async fn thrown_out(&mut self) -> Result<(), Cause> {
        let on_their_way = self.state.on_their_way();
        // The jobs go again from the rows, not all at once from memory.
        self.state.management.refused();
        match on_their_way[..] {
            [] => self.forget().await?,
            [job] if self.state.careful => {
                tracing::warn!("a stanza of ours ended the stream twice: it is taken back");
                let taken_back = self.state.store.write(move |tx| match outbox::done(tx, job)? {
                    Some(message) => messages::fail(tx, message, "not-taken"),
                    None => Ok(()),
                });
                taken_back.await?;
            }
            _ => self.state.careful = true,
        }
        Ok(())
    }
}
