//! Notices of the desktop: one at a time, replaced by the next, taken away when it is not true any more.
//!
//! A notice waits for a moment before it shows: what is read on another device in that moment makes no sound here.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use grend_app::host::News;

use crate::system::Board;

/// How long another device may take to say that it showed the message.
const GRACE: Duration = Duration::from_millis(1500);

/// Where news go to be shown.
pub struct Notices {
    news: Sender<Option<News>>,
    board: Arc<Board>,
}

impl Notices {
    /// Starts the thread that waits and shows; it sleeps as long as there is nothing to do.
    pub fn start(board: Board) -> Self {
        let (sender, news) = channel();
        let board = Arc::new(board);
        let shower = Arc::clone(&board);
        let started = thread::Builder::new()
            .name("notices".to_owned())
            .spawn(move || show_all(&news, |news| shower.show(news)));
        if let Err(error) = started {
            tracing::warn!(%error, "no notices will be shown");
        }
        Self { news: sender, board }
    }

    /// Says something at once and besides, and then `said`, if somebody can see it.
    pub fn say(&self, news: News, said: impl FnOnce() + Send + 'static) {
        let board = Arc::clone(&self.board);
        thread::spawn(move || {
            if board.say(&news) {
                said();
            }
        });
    }

    /// What is new now, or nothing.
    pub fn tell(&self, news: Option<News>) {
        // The thread could not be started: that was said then.
        let _ = self.news.send(news);
    }
}

/// Shows what still holds after a moment, if it is something else than what was shown before.
fn show_all(news: &Receiver<Option<News>>, mut show: impl FnMut(Option<&News>)) {
    let mut shown = None;
    while let Ok(mut now) = news.recv() {
        if now.is_some() {
            while let Ok(newer) = news.recv_timeout(GRACE) {
                now = newer;
            }
        }
        if now != shown {
            show(now.as_ref());
            shown = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn news(text: &str) -> News {
        News {
            title: "Ola".to_owned(),
            text: text.to_owned(),
            chat: None,
        }
    }

    fn shown(told: Vec<Option<News>>) -> Vec<Option<News>> {
        let (sender, receiver) = channel();
        for one in told {
            sender.send(one).unwrap();
        }
        drop(sender);
        let mut all = Vec::new();
        show_all(&receiver, |one| all.push(one.cloned()));
        all
    }

    #[test]
    fn read_elsewhere_in_the_same_moment_makes_no_sound() {
        assert_eq!(shown(vec![Some(news("hei")), None]), []);
    }

    #[test]
    fn a_burst_is_one_notice() {
        assert_eq!(
            shown(["1", "2", "3"].map(|text| Some(news(text))).to_vec()),
            [Some(news("3"))]
        );
    }
}
