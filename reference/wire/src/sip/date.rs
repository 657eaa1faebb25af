//! `Date` (RFC 3261 section 20.17): `Sat, 13 Nov 2010 23:29:00 GMT` and nothing else.

use super::{Violation, lexis};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

pub(super) fn check(value: &str) -> Result<(), Violation> {
    let words: Vec<&str> = value.split(' ').collect();
    let [weekday, day, month, year, time, zone] = words[..] else {
        return Err(Violation::Date);
    };
    let named = weekday
        .strip_suffix(',')
        .is_some_and(|day| DAYS.contains(&day));
    let dated = digits(day, 2, 1..=31) && MONTHS.contains(&month) && digits(year, 4, 0..=9999);
    let parts: Vec<&str> = time.split(':').collect();
    let timed = matches!(parts[..], [hour, minute, second]
        if digits(hour, 2, 0..=23) && digits(minute, 2, 0..=59) && digits(second, 2, 0..=60));
    if named && dated && timed && zone == "GMT" {
        Ok(())
    } else {
        Err(Violation::Date)
    }
}

fn digits(text: &str, width: usize, range: std::ops::RangeInclusive<u16>) -> bool {
    text.len() == width && lexis::number(text).is_some_and(|number| range.contains(&number))
}
