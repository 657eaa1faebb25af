//! A calendar day, for the expiry of expectations.

use serde::{Deserialize, Deserializer, de};
use std::fmt;
use std::str::FromStr;

/// A day, ordered by time; printed and read as `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Date, NotADate> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else {
            return Err(NotADate);
        };
        let digits =
            |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return Err(NotADate);
        }
        let date = Date {
            year: year.parse().map_err(|_| NotADate)?,
            month: month.parse().map_err(|_| NotADate)?,
            day: day.parse().map_err(|_| NotADate)?,
        };
        let sound =
            (1..=12).contains(&date.month) && (1..=date.days_of_month()).contains(&date.day);
        if sound { Ok(date) } else { Err(NotADate) }
    }
}

impl Date {
    /// The day that lies so many days after 1970-01-01 (proleptic Gregorian calendar).
    pub fn of_days(days: u64) -> Date {
        let mut left = days;
        let mut date = Date {
            year: 1970,
            month: 1,
            day: 1,
        };
        loop {
            let length = u64::from(date.days_of_month());
            if left < length || date.year == u16::MAX {
                break;
            }
            left -= length;
            date.month += 1;
            if date.month > 12 {
                date.month = 1;
                date.year += 1;
            }
        }
        date.day = u8::try_from(left + 1).unwrap_or(1);
        date
    }

    fn days_of_month(self) -> u8 {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        deserializer.deserialize_str(DayVisitor)
    }
}

/// Reads in place, so that a reader can tell the line of a bad day.
struct DayVisitor;

impl de::Visitor<'_> for DayVisitor {
    type Value = Date;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a day such as 2027-01-31")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
        text.parse()
            .map_err(|NotADate| E::custom(format!("`{text}` is not a day: write 2027-01-31")))
    }
}

/// The text is no day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day: write 2027-01-31")]
pub struct NotADate;

/// A moment, given in milliseconds since 1970-01-01, to the minute: `2027-01-31 14:05 UTC`.
pub(crate) fn moment(milliseconds: u64) -> String {
    let minutes = milliseconds / 60_000;
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    let day = Date::of_days(minutes / 1440);
    format!("{day} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_strictly_and_ordered() {
        assert!("2027-02-28".parse::<Date>().unwrap() < "2027-03-01".parse().unwrap());
        assert!("2028-02-29".parse::<Date>().is_ok());
        for bad in [
            "2027-02-29",
            "2027-13-01",
            "27-01-01",
            "2027-1-1",
            "2027-00-10",
            "soon",
        ] {
            assert_eq!(bad.parse::<Date>(), Err(NotADate), "{bad}");
        }
    }

    #[test]
    fn days_since_1970_give_the_date() {
        assert_eq!(Date::of_days(0).to_string(), "1970-01-01");
        assert_eq!(Date::of_days(11_016).to_string(), "2000-02-29");
        assert_eq!(Date::of_days(20_778).to_string(), "2026-11-21");
    }
}
