//! The top structure of files, read without FFmpeg: is an MP4 whole, and which of its
//! tracks are enabled?
//!
//! Knows only the nesting of boxes (ISO/IEC 14496-12) and of Matroska's first two
//! elements (RFC 8794); does not know codecs or samples.

use std::io::{Read, Result, Seek, SeekFrom, Write};

/// What the top level of a file tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Survey {
    /// It is built of ISO base media boxes.
    pub(super) is_mp4: bool,
    /// Such a file has its index.
    pub(super) has_index: bool,
    /// Bytes that the structure promises beyond the file's end.
    pub(super) missing: Option<u64>,
}

/// A box: its type, where its content starts, and where it ends.
struct Header {
    kind: [u8; 4],
    content: u64,
    end: u64,
}

/// Walks the top level of `file`, which may be any file.
///
/// # Errors
/// Fails where the file cannot be read.
pub(super) fn survey(file: &mut (impl Read + Seek)) -> Result<Survey> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut start = [0u8; 12];
    file.rewind()?;
    let got = read_up_to(file, &mut start)?;
    if got >= 4 && start[..4] == [0x1a, 0x45, 0xdf, 0xa3] {
        return Ok(Survey { missing: matroska_missing(file, length)?, ..Survey::default() });
    }
    // Files without `ftyp` are old, but their first box is one of these.
    if got < 8 || !matches!(&start[4..8], b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"styp") {
        return Ok(Survey::default());
    }
    let mut survey = Survey { is_mp4: true, ..Survey::default() };
    let mut position = 0;
    while position + 8 <= length {
        let Some(header) = header_at(file, position, length)? else { break };
        // A fragment carries its own index.
        survey.has_index |= matches!(&header.kind, b"moov" | b"moof") && header.end <= length;
        if header.end > length {
            // Only media data and the index matter; padding or private boxes do not.
            if matches!(&header.kind, b"mdat" | b"moov" | b"moof") {
                survey.missing = Some(header.end - length);
            }
            break;
        }
        position = header.end;
    }
    Ok(survey)
}

/// Takes the mark "enabled" from the tracks with these numbers (from 0 in the file's
/// order), so that no player shows them unasked.
///
/// # Errors
/// Fails where the file cannot be read or written.
pub(super) fn disable_tracks(file: &mut (impl Read + Write + Seek), tracks: &[usize]) -> Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let Some(movie) = children(file, 0, length)?.into_iter().find(|header| &header.kind == b"moov") else {
        return Ok(());
    };
    let all = children(file, movie.content, movie.end)?.into_iter().filter(|header| &header.kind == b"trak");
    for (_, track) in all.enumerate().filter(|(number, _)| tracks.contains(number)) {
        for header in children(file, track.content, track.end)?.iter().filter(|header| &header.kind == b"tkhd") {
            // One byte of version, then three of flags, of which the lowest bit is "enabled".
            file.seek(SeekFrom::Start(header.content + 3))?;
            let mut flags = [0u8];
            file.read_exact(&mut flags)?;
            file.seek(SeekFrom::Start(header.content + 3))?;
            file.write_all(&[flags[0] & !1])?;
        }
    }
    Ok(())
}

fn children(file: &mut (impl Read + Seek), start: u64, end: u64) -> Result<Vec<Header>> {
    let mut found = Vec::new();
    let mut position = start;
    while position + 8 <= end {
        let Some(header) = header_at(file, position, end)? else { break };
        position = header.end;
        found.push(header);
    }
    Ok(found)
}

/// The box at `position`; none where there cannot be one.
fn header_at(file: &mut (impl Read + Seek), position: u64, end: u64) -> Result<Option<Header>> {
    let mut bytes = [0u8; 16];
    file.seek(SeekFrom::Start(position))?;
    let got = read_up_to(file, &mut bytes)?;
    if got < 8 {
        return Ok(None);
    }
    let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
    let short = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let (size, header) = match short {
        0 => (end - position, 8),
        1 if got == 16 => {
            let mut long = [0u8; 8];
            long.copy_from_slice(&bytes[8..]);
            (u64::from_be_bytes(long), 16)
        }
        short => (u64::from(short), 8),
    };
    let printable = kind.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte >= 0xa0);
    if size < header || !printable {
        return Ok(None);
    }
    Ok(Some(Header { kind, content: position + header, end: position.saturating_add(size) }))
}

/// How much of a Matroska segment lies beyond the end, where it tells its length.
fn matroska_missing(file: &mut (impl Read + Seek), length: u64) -> Result<Option<u64>> {
    let mut bytes = [0u8; 12];
    file.seek(SeekFrom::Start(4))?;
    let got = read_up_to(file, &mut bytes)?;
    let Some((Some(header), width)) = variable(&bytes[..got]) else { return Ok(None) };
    let segment = 4 + width as u64 + header;
    file.seek(SeekFrom::Start(segment))?;
    let got = read_up_to(file, &mut bytes)?;
    if got < 5 || bytes[..4] != [0x18, 0x53, 0x80, 0x67] {
        return Ok(None);
    }
    let Some((Some(size), width)) = variable(&bytes[4..got]) else { return Ok(None) };
    let end = segment.saturating_add(4 + width as u64).saturating_add(size);
    Ok((end > length).then(|| end - length))
}

/// A variable-length size and its width; the size is none where it is "unknown".
fn variable(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    if width > 8 || bytes.len() < width {
        return None;
    }
    let mask = 0xffu8.checked_shr(width as u32).unwrap_or(0);
    let size = bytes[1..width].iter().fold(u64::from(first & mask), |size, byte| size << 8 | u64::from(*byte));
    let unknown = size == (1u64 << (7 * width)) - 1;
    Some(((!unknown).then_some(size), width))
}

fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&((content.len() + 8) as u32).to_be_bytes()[..], kind, content].concat()
    }

    fn look(bytes: &[u8]) -> Survey {
        survey(&mut Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn a_whole_and_a_cut_mp4_are_told_apart() {
        let head = [boxed(b"ftyp", b"isom0000"), boxed(b"moov", &[0; 32])].concat();
        let whole = [head.clone(), boxed(b"mdat", &[0; 100])].concat();
        assert_eq!(look(&whole), Survey { is_mp4: true, has_index: true, missing: None });
        assert_eq!(look(&whole[..whole.len() - 30]).missing, Some(30));
        assert_eq!(look(&head[..30]), Survey { is_mp4: true, has_index: false, missing: Some(26) });
        let no_index = [boxed(b"ftyp", b"isom0000"), boxed(b"mdat", &[0; 100])].concat();
        assert_eq!(look(&no_index), Survey { is_mp4: true, has_index: false, missing: None });
    }

    #[test]
    fn sizes_of_64_bits_and_to_the_end_are_understood() {
        let mut long = boxed(b"ftyp", b"isom");
        long.extend([0, 0, 0, 1]);
        long.extend(b"mdat");
        long.extend(116u64.to_be_bytes());
        long.extend([0; 100]);
        long.extend(boxed(b"moov", &[0; 8]));
        assert_eq!(look(&long), Survey { is_mp4: true, has_index: true, missing: None });
        let open = [boxed(b"moov", &[0; 8]), vec![0, 0, 0, 0], b"mdat".to_vec(), vec![0; 50]].concat();
        assert_eq!(look(&open).missing, None);
    }

    #[test]
    fn other_files_are_nobodys_business() {
        for bytes in [&b""[..], b"short", b"RIFF....WAVEfmt ....", b"just some text that goes on"] {
            assert_eq!(look(bytes), Survey::default());
        }
    }

    #[test]
    fn a_cut_matroska_file_is_noticed() {
        let whole =
            [&[0x1a, 0x45, 0xdf, 0xa3, 0x84, 1, 2, 3, 4, 0x18, 0x53, 0x80, 0x67, 0x40, 0x64][..], &[0; 100]].concat();
        assert_eq!(look(&whole).missing, None);
        assert_eq!(look(&whole[..whole.len() - 7]).missing, Some(7));
        let live = [0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0xff, 1, 2, 3];
        assert_eq!(look(&live).missing, None);
    }

    #[test]
    fn only_the_named_track_is_disabled() {
        let track = boxed(b"trak", &boxed(b"tkhd", &[0, 0, 0, 3, 9, 9]));
        let mut file = Cursor::new(
            [boxed(b"ftyp", b"isom"), boxed(b"moov", &[track.clone(), track.clone(), track].concat())].concat(),
        );
        disable_tracks(&mut file, &[1]).unwrap();
        let flags: Vec<u8> = file.get_ref().windows(8).filter(|w| w.starts_with(b"tkhd")).map(|w| w[7]).collect();
        assert_eq!(flags, [3, 2, 3]);
    }
}
