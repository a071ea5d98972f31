//! How long a text takes to say.

use crate::lang::Lang;
use crate::time::Delta;

/// Natural spoken duration of `text`.
pub fn estimate(text: &str, lang: &Lang) -> Delta {
    let per_second = if lang.is_spaceless() { 5.0 } else { 15.0 };
    Delta::from_ms((text.chars().count() as f64 / per_second * 1000.0) as i64)
}

/// Characters of a language that can be said in `room`.
pub fn characters_for(room: Delta, lang: &Lang) -> usize {
    let per_second = if lang.is_spaceless() { 5.0 } else { 15.0 };
    (room.seconds() * per_second) as usize
}
