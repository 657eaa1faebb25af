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

/// The seconds since 1970 that a value names; `None` when it is no date, or an earlier one.
pub fn seconds(value: &str) -> Option<u64> {
    check(value).ok()?;
    let words: Vec<&str> = value.split([' ', ':']).collect();
    let [_, day, month, year, hour, minute, second, _] = words[..] else {
        return None;
    };
    let number = |word: &str| word.parse::<u64>().ok();
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let days = days_before(number(year)?, month)? + number(day)? - 1;
    Some(((days * 24 + number(hour)?) * 60 + number(minute)?) * 60 + number(second)?)
}

/// The value for so many seconds since 1970, years of four digits only.
pub fn value(seconds: u64) -> Option<String> {
    let days = seconds / 86_400;
    if days > LAST {
        return None;
    }
    let mut year = 1970 + days / 366;
    while days_before(year + 1, 1)? <= days {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_before(year, month + 1)? <= days {
        month += 1;
    }
    let day = days - days_before(year, month)? + 1;
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    // 1 January 1970 was a Thursday.
    let weekday = DAYS[((days + 3) % 7) as usize];
    let name = MONTHS[month as usize - 1];
    Some(format!(
        "{weekday}, {day:02} {name} {year:04} {hour:02}:{minute:02}:{second:02} GMT"
    ))
}

/// Days from 1970 to the first of a month.
fn days_before(year: u64, month: u64) -> Option<u64> {
    // The year begins in March, so that a leap day is its last.
    let (year, month) = if month < 3 {
        (year.checked_sub(1)?, month + 9)
    } else {
        (year, month - 3)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5;
    days.checked_sub(719_468)
}

fn digits(text: &str, width: usize, range: std::ops::RangeInclusive<u16>) -> bool {
    text.len() == width && lexis::number(text).is_some_and(|number| range.contains(&number))
}

/// Days from 1970 to 31 December 9999.
const LAST: u64 = 2_932_896;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_its_seconds_and_they_their_date() {
        for (text, since) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sat, 13 Nov 2010 23:29:00 GMT", 1_289_690_940),
            ("Tue, 29 Feb 2000 12:00:01 GMT", 951_825_601),
            ("Wed, 31 Dec 2025 23:59:59 GMT", 1_767_225_599),
        ] {
            assert_eq!(seconds(text), Some(since), "{text}");
            assert_eq!(value(since).as_deref(), Some(text));
        }
        for text in ["", "yesterday", "Sat, 13 Nov 1969 23:29:00 GMT"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        for day in 0..40_000 {
            let text = value(day * 86_400 + 7).expect("a year of four digits");
            assert_eq!(seconds(&text), Some(day * 86_400 + 7), "{text}");
        }
        assert_eq!(value(u64::MAX / 2), None);
    }
}
