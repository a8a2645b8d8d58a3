//! Days and times as people say them: "Today", "Friday 21 November", 14:05.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::host::Host;
use crate::l10n::Words;

/// A moment on the clock of whoever looks.
pub fn local(host: &dyn Host, at: i64) -> DateTime {
    let offset = Offset::from_seconds(host.utc_offset(at)).unwrap_or(Offset::UTC);
    let moment = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    TimeZone::fixed(offset).to_datetime(moment)
}

/// The time of a message.
pub fn time(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn days_ago(day: Date, today: Date) -> i32 {
    (today - day).get_days()
}

/// The day above messages.
pub fn day(words: &Words, day: Date, today: Date) -> String {
    match days_ago(day, today) {
        0 => words.say("day-today"),
        1 => words.say("day-yesterday"),
        _ => {
            let weekday = words.say(&format!("weekday-{}", day.weekday().to_monday_one_offset()));
            let month = words.say(&format!("month-{}", day.month()));
            let key = if day.year() == today.year() {
                "day-this-year"
            } else {
                "day-other-year"
            };
            let holes = [
                ("weekday", weekday.into()),
                ("day", day.day().to_string().into()),
                ("month", month.into()),
                ("year", day.year().to_string().into()),
            ];
            capital(&plain(&words.with(key, &holes)))
        }
    }
}

/// When, in a list: the time today, else the day.
pub fn brief(words: &Words, at: DateTime, today: Date) -> String {
    let day = at.date();
    match days_ago(day, today) {
        0 => time(at),
        1 => words.say("day-yesterday"),
        2..=6 => capital(&words.say(&format!("weekday-{}", day.weekday().to_monday_one_offset()))),
        _ => {
            let month = words.say(&format!("month-short-{}", day.month()));
            let key = if day.year() == today.year() {
                "day-short"
            } else {
                "day-short-year"
            };
            let holes = [
                ("day", day.day().to_string().into()),
                ("month", month.into()),
                ("year", day.year().to_string().into()),
            ];
            plain(&words.with(key, &holes))
        }
    }
}

/// Without the direction isolates: what fills these holes is ours.
fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_said_as_people_say_them() {
        let (en, nb) = (Words::new("en"), Words::new("nb"));
        let today = date(2025, 11, 22);
        assert_eq!(day(&en, today, today), "Today");
        assert_eq!(day(&nb, date(2025, 11, 21), today), "I går");
        assert_eq!(day(&en, date(2025, 11, 14), today), "Friday 14 November");
        assert_eq!(day(&nb, date(2024, 2, 29), today), "Torsdag 29. februar 2024");
    }

    #[test]
    fn lists_say_it_shorter() {
        let en = Words::new("en");
        let today = date(2025, 11, 22);
        assert_eq!(brief(&en, today.at(9, 5, 0, 0), today), "09:05");
        assert_eq!(brief(&en, date(2025, 11, 18).at(9, 5, 0, 0), today), "Tuesday");
        assert_eq!(brief(&en, date(2025, 3, 1).at(9, 5, 0, 0), today), "1 Mar");
        assert_eq!(brief(&en, date(2023, 3, 1).at(9, 5, 0, 0), today), "1 Mar 2023");
    }
}
