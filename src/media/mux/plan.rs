//! Which streams a deliverable has, in which order, and what they are called.
//!
//! Does not move packets.

use super::lead::{self, Lead};
use super::output::{Output, format_name};
use super::{Delivery, SubtitleTrack, clock, feed::Feed, text};
use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::error::{Error, Kind, Result};
use crate::lang::Lang;
use crate::media::native::{
    AacEncoder, Disposition, Medium, NativeError, Rational, Source, StreamInfo, TextTrack, takes_codec,
};
use crate::media::open::{media, refused};
use crate::media::{decode_audio, resample};
use crate::settings::Container;
use crate::time::Delta;
use std::borrow::Cow;
use std::path::Path;

/// Rate of sound that is encoded here.
const RATE: u32 = 48_000;

/// Sound that begins this much before the picture is kept whole, and the picture moved
/// back; less is codec priming or sloppy cutting, and is left to the container.
const LEAD: Delta = Delta::from_ms(100);

/// Codecs whose sound players expect in MP4. The format allows more, which few play.
const MP4_SOUND: &[&str] = &["aac", "ac3", "alac", "eac3", "flac", "mp3", "opus"];

/// Tags that describe the source file, not what is in it.
const FILE_TAGS: &[&str] = &[
    "major_brand",
    "minor_version",
    "compatible_brands",
    "encoder",
    "vendor_id",
    "duration",
    "bps",
    "number_of_frames",
    "number_of_bytes",
    "handler_name",
    "language",
    "title",
    "name",
];

/// What is to be done with the source's streams.
pub(super) struct Plan {
    /// Never `Auto`.
    pub(super) container: Container,
    /// The source's own time at the start of the picture, in ticks.
    pub(super) zero: i64,
    /// The source's own time that becomes the output's zero, in ticks.
    pub(super) origin: i64,
    /// No time before the output's zero but priming that is marked as such.
    pub(super) only_priming: bool,
    streams: Vec<StreamInfo>,
    lead: Lead,
    /// Source streams in the order of the output.
    film: Vec<usize>,
    sound: Vec<Sound>,
    subtitles: Vec<usize>,
    attached: Vec<usize>,
    /// Output streams that no player is to show unasked.
    pub(super) hidden: Vec<usize>,
    /// What could not be kept.
    pub(super) warnings: Vec<String>,
}

struct Sound {
    index: usize,
    copied: bool,
}

/// Where packets of a source stream go.
pub(super) struct Route {
    pub(super) output: usize,
    /// The source stream's time base.
    pub(super) base: Rational,
    /// Ticks that are taken from its times besides.
    pub(super) late: i64,
    /// It carries subtitles.
    pub(super) text: bool,
}

/// Chooses streams.
///
/// # Errors
/// Fails as usage where the container does not take the pictures, or the original is not
/// there.
pub(super) fn make(input: &mut Source, path: &Path, delivery: &Delivery) -> Result<Plan> {
    let streams = input.streams();
    let films = || streams.iter().filter(|stream| stream.medium == Medium::Video && !stream.attached_picture);
    let container = match delivery.container {
        Container::Auto if films().all(|stream| takes_codec("mp4", &stream.codec)) => Container::Mp4,
        Container::Auto => Container::Mkv,
        chosen => chosen,
    };
    let format = format_name(container);
    if clock::film(&streams).is_some_and(|film| film.codec == "none") {
        return Err(media("its pictures are in an unknown codec", path).hint("copy or download it again"));
    }
    if let Some(film) = clock::film(&streams).filter(|film| !takes_codec(format, &film.codec)) {
        return Err(Error::new(Kind::Usage, format!("{} does not take {} pictures", shown(container), film.codec))
            .file(path)
            .hint("deliver with --container mkv"));
    }
    let mut plan = Plan {
        container,
        zero: clock::zero(input, &streams, delivery.keep_original),
        origin: 0,
        only_priming: true,
        streams: Vec::new(),
        lead: Lead::default(),
        film: Vec::new(),
        sound: Vec::new(),
        subtitles: Vec::new(),
        attached: Vec::new(),
        hidden: Vec::new(),
        warnings: Vec::new(),
    };
    for stream in &streams {
        plan.take(stream, delivery);
    }
    if let Some(original) = delivery.keep_original {
        let Some(at) = plan.sound.iter().position(|sound| sound.index == original) else {
            return Err(Error::new(Kind::Usage, format!("stream {original} is no audio"))
                .file(path)
                .hint("choose an audio track"));
        };
        // The original comes right after the dub.
        plan.sound[..=at].rotate_right(1);
    }
    let copied = plan.film.iter().chain(plan.sound.iter().filter(|sound| sound.copied).map(|sound| &sound.index));
    let earliest = copied.filter_map(|index| streams.get(*index).and_then(clock::start)).min();
    plan.origin = earliest.filter(|start| *start < plan.zero - LEAD.ticks()).unwrap_or(plan.zero);
    let looked_at: Vec<&StreamInfo> = plan
        .film
        .first()
        .into_iter()
        .chain(plan.sound.iter().filter(|sound| sound.copied).map(|sound| &sound.index))
        .filter_map(|index| streams.get(*index))
        .collect();
    plan.lead = lead::look(path, &looked_at)?;
    plan.streams = streams;
    Ok(plan)
}

impl Plan {
    fn take(&mut self, stream: &StreamInfo, delivery: &Delivery) {
        let format = format_name(self.container);
        let fits = takes_codec(format, &stream.codec);
        let mp4 = self.container != Container::Mkv;
        match stream.medium {
            // Pictures that belong to chapters are no cover and no film.
            Medium::Video if stream.disposition & Disposition::TIMED_THUMBNAILS != 0 => {}
            // Matroska keeps covers as attachments, whatever they are.
            Medium::Video if stream.attached_picture && (fits || !mp4) => self.attached.push(stream.index),
            Medium::Video if fits => self.film.push(stream.index),
            Medium::Audio if delivery.keep_original.is_none() => {}
            Medium::Audio => {
                let copied = fits && (!mp4 || MP4_SOUND.contains(&stream.codec.as_str()));
                if !copied {
                    self.warn(stream, "was encoded anew as AAC");
                }
                self.sound.push(Sound { index: stream.index, copied });
            }
            Medium::Subtitle if fits => self.subtitles.push(stream.index),
            Medium::Attachment if !mp4 => self.attached.push(stream.index),
            // Chapters and time codes come as such streams, too; chapters are kept as chapters.
            Medium::Data if matches!(stream.codec.as_str(), "bin_data" | "none") => {}
            Medium::Data => self.warn(stream, "is not kept"),
            Medium::Video | Medium::Subtitle | Medium::Attachment => self.warn(stream, "does not fit and is not kept"),
        }
    }

    fn warn(&mut self, stream: &StreamInfo, what: &str) {
        let medium = match stream.medium {
            Medium::Video => "video",
            Medium::Audio => "audio",
            Medium::Subtitle => "subtitle",
            Medium::Attachment => "attachment",
            Medium::Data => "data",
        };
        let language = stream.tag("language").map(|tag| format!(", {tag}")).unwrap_or_default();
        let container = shown(self.container);
        let codec = stream.tag("filename").unwrap_or(&stream.codec);
        self.warnings.push(format!("{container}: {medium} stream {} ({codec}{language}) {what}", stream.index));
    }
}

fn shown(container: Container) -> &'static str {
    if container == Container::Mkv { "Matroska" } else { "MP4" }
}

/// Adds every stream to the output, and gives where the source's packets go; what is made
/// here becomes a feed.
///
/// # Errors
/// Fails where the muxer or an encoder cannot be set up, or sound that must be encoded anew
/// cannot be decoded.
pub(super) fn lay_out<'a>(
    plan: &mut Plan,
    input: &Source,
    delivery: &'a Delivery,
    file: &mut Output,
    feeds: &mut Vec<Feed<'a>>,
    path: &Path,
) -> Result<Vec<Option<Route>>> {
    let offset = plan.zero - plan.origin;
    let mp4 = plan.container != Container::Mkv;
    let sink = file.open(plan.container)?;
    let mut routes: Vec<Option<Route>> = plan.streams.iter().map(|_| None).collect();
    let setup = |error: NativeError| refused(path, error);

    let (first, further) = plan.film.split_at(plan.film.len().min(1));
    for (number, index) in first.iter().enumerate() {
        let stream = &plan.streams[*index];
        let output = sink.add_copy(input, *index, film_tag(mp4, &stream.codec)).map_err(setup)?;
        let disposition = stream.disposition | if number == 0 { Disposition::DEFAULT } else { 0 };
        sink.describe(output, &tags(mp4, stream, None, None), disposition);
        routes[*index] = Some(Route { output, base: stream.time_base, late: plan.lead.film, text: false });
    }
    for (number, dub) in delivery.dubs.iter().enumerate() {
        let channels = if dub.audio.channels == 6 { 6 } else { 2 };
        let audio = if (dub.audio.rate, dub.audio.channels) == (RATE, channels) {
            Cow::Borrowed(&dub.audio)
        } else {
            Cow::Owned(resample(&dub.audio, RATE, channels)?)
        };
        let encoder = encoder(&audio, delivery)?;
        let output = sink.add_encoded(&encoder).map_err(setup)?;
        let disposition = Disposition::DUB | if number == 0 { Disposition::DEFAULT } else { 0 };
        sink.describe(output, &named(mp4, &dub.language, &dub.title), disposition);
        feeds.push(Feed::sound(output, offset, encoder, audio));
    }
    for sound in &plan.sound {
        let stream = &plan.streams[sound.index];
        let is_original = delivery.keep_original == Some(sound.index);
        let (title, language) = match is_original {
            true => (Some("Original"), delivery.original_language.as_ref()),
            false => (None, None),
        };
        let mut disposition = stream.disposition;
        if !delivery.dubs.is_empty() {
            disposition &= !(Disposition::DEFAULT | if is_original { Disposition::DUB } else { 0 });
            disposition |= if is_original { Disposition::ORIGINAL } else { 0 };
        }
        let output = if sound.copied {
            let output = sink.add_copy(input, sound.index, None).map_err(setup)?;
            let before = plan.origin - plan.lead.sound(sound.index).unwrap_or(plan.origin);
            if before > 0 && stream.initial_padding == 0 {
                // What lies before zero is not to be heard; MP4 says so by an edit list that
                // its muxer writes itself, Matroska by the codec's delay.
                let padding = Delta::from_ticks(before).samples(stream.sample_rate);
                plan.only_priming &= before <= LEAD.ticks();
                sink.set_priming(output, padding);
            }
            routes[sound.index] = Some(Route { output, base: stream.time_base, late: 0, text: false });
            output
        } else {
            let channels = if matches!(stream.channels, 1 | 6) { stream.channels } else { 2 };
            let audio = decode_audio(path, sound.index, RATE, channels, &mut |_| {}, &Cancel::new())?.audio;
            let encoder = encoder(&audio, delivery)?;
            let output = sink.add_encoded(&encoder).map_err(setup)?;
            feeds.push(Feed::sound(output, offset, encoder, Cow::Owned(audio)));
            output
        };
        sink.describe(output, &tags(mp4, stream, title, language), disposition);
    }
    for index in further {
        let stream = &plan.streams[*index];
        let output = sink.add_copy(input, *index, film_tag(mp4, &stream.codec)).map_err(setup)?;
        sink.describe(output, &tags(mp4, stream, None, None), stream.disposition & !Disposition::DEFAULT);
        routes[*index] = Some(Route { output, base: stream.time_base, late: 0, text: false });
    }
    let size = clock::film(&plan.streams).map_or((0, 0), shown_size);
    for track in &delivery.subtitles {
        let (codec, header, packets) = subtitle(track, mp4, size);
        let output = sink.add_text(&TextTrack { codec, header: &header, size }).map_err(setup)?;
        let disposition = if track.default { Disposition::DEFAULT } else { 0 };
        sink.describe(output, &named(mp4, &track.language, &track.title), disposition);
        if !track.default {
            plan.hidden.push(output);
        }
        feeds.push(Feed::text(output, offset, packets));
    }
    for index in &plan.subtitles {
        let stream = &plan.streams[*index];
        let output = sink.add_copy(input, *index, None).map_err(setup)?;
        sink.describe(output, &tags(mp4, stream, None, None), stream.disposition);
        if stream.disposition & Disposition::DEFAULT == 0 {
            plan.hidden.push(output);
        }
        routes[*index] = Some(Route { output, base: stream.time_base, late: 0, text: true });
    }
    // MP4 keeps covers outside its tracks, so they come last and leave the numbers alone.
    for index in &plan.attached {
        let stream = &plan.streams[*index];
        let mut tags = tags(mp4, stream, None, None);
        if stream.attached_picture && !mp4 {
            let output = sink.add_cover(input, *index).map_err(setup)?;
            tags.extend(cover_tags(stream));
            sink.describe(output, &tags, 0);
            continue;
        }
        let output = sink.add_copy(input, *index, None).map_err(setup)?;
        sink.describe(output, &tags, stream.disposition);
        if stream.attached_picture {
            routes[*index] = Some(Route { output, base: stream.time_base, late: 0, text: false });
        }
    }
    sink.set_metadata(&kept(&input.metadata(), |key| matches!(key, "title")));
    let shift = clock::rescale(-plan.origin, super::TICK, Rational(1, 1_000_000));
    sink.copy_chapters(input, shift).map_err(setup)?;
    Ok(routes)
}

/// Apple's players take HEVC under this name only.
fn film_tag(mp4: bool, codec: &str) -> Option<[u8; 4]> {
    (mp4 && codec == "hevc").then_some(*b"hvc1")
}

fn encoder(audio: &Audio, delivery: &Delivery) -> Result<AacEncoder> {
    // 5.1 has the same quality at twice the rate of stereo: its LFE and surrounds ask for little.
    let kbps = if audio.channels > 2 { delivery.audio_kbps.saturating_mul(2) } else { delivery.audio_kbps };
    AacEncoder::open(audio.rate, audio.channels, kbps).map_err(|error| {
        let what = format!("AAC cannot be encoded with {} kbit/s", delivery.audio_kbps);
        Error::new(Kind::Usage, what).because(error).hint("set deliver.audio-kbps between 64 and 512")
    })
}

fn subtitle(track: &SubtitleTrack, mp4: bool, size: (u32, u32)) -> (&'static str, Vec<u8>, Vec<text::TextPacket>) {
    match mp4 {
        true => ("mov_text", text::timed_text_header(size), text::timed_text(&track.cues)),
        false => ("subrip", Vec::new(), text::subrip(&track.cues)),
    }
}

/// Pixels as they are shown, after rotation.
fn shown_size(stream: &StreamInfo) -> (u32, u32) {
    if stream.rotation % 180 == 90 { (stream.height, stream.width) } else { (stream.width, stream.height) }
}

/// Language and title of a track that is made here. MP4 has no title that all players
/// show, so its handler's name says it again; Matroska's muxer would keep that as a tag.
fn named(mp4: bool, language: &Lang, title: &str) -> Vec<(String, String)> {
    let mut tags = vec![("language", language.iso_639_2t()), ("title", title)];
    tags.extend(mp4.then_some(("handler_name", title)));
    tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Tags of a stream that is kept; `title` and `language` are for one that has none.
fn tags(mp4: bool, stream: &StreamInfo, title: Option<&str>, language: Option<&Lang>) -> Vec<(String, String)> {
    let mut tags = kept(&stream.metadata, |_| false);
    let mut add = |key: &str, value: &str| tags.push((key.to_owned(), value.to_owned()));
    let told = stream.tag("language").filter(|tag| *tag != "und");
    if let Some(language) = told.or(language.map(Lang::iso_639_2t)) {
        add("language", language);
    }
    if let Some(title) = stream.tag("title").or(stream.tag("name")).or(title) {
        add("title", title);
        if mp4 {
            add("handler_name", title);
        }
    } else if let Some(handler) = stream.tag("handler_name").filter(|_| mp4) {
        add("handler_name", handler);
    }
    tags
}

/// Tags without those that describe the source file; `also` names some that stay.
fn kept(tags: &[(String, String)], also: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let stays = |key: &str| {
        let key = key.to_ascii_lowercase();
        also(&key) || !(FILE_TAGS.contains(&key.as_str()) || key.starts_with("_statistics"))
    };
    tags.iter().filter(|(key, _)| stays(key)).cloned().collect()
}

/// Matroska's names for a cover picture.
fn cover_tags(stream: &StreamInfo) -> Vec<(String, String)> {
    let (name, kind) = match stream.codec.as_str() {
        "png" => ("cover.png", "image/png"),
        "mjpeg" => ("cover.jpg", "image/jpeg"),
        _ => ("cover", "application/octet-stream"),
    };
    let missing = |key: &str| stream.tag(key).is_none();
    [("filename", name), ("mimetype", kind)]
        .into_iter()
        .filter(|(key, _)| missing(key))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
