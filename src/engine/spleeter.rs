//! Deezer's Spleeter, two stems, on ONNX Runtime: a mask over the spectrum that says how much of it is voice.
//!
//! The voice is what the mask leaves of the mix, the bed is the mix without it, so that both add up to the mix.
//! `spleeter/stream.rs` cuts the mix into what the network sees, `spleeter/transform.rs` makes its spectra, and
//! `spleeter/centre.rs` looks for the voice in the middle. Does not know speech from singing.
//!
//! The network was trained at 44.1 kHz on frames of 4096 samples. Frames of 4464 samples at 48 kHz last as long but
//! for 0.13 %, and their lines are as far apart but for 0.13 %: to the network that is a fortieth of a semitone. So the
//! mix is never resampled, what is above 11 kHz is kept, and the voice lies under the mix to the sample.

mod centre;
mod stream;
mod transform;

use super::runtime::{LIBRARY, library, session_with};
use super::separator::{Read, Separator, Write};
use super::{Context, Entry, Fingerprint, Load};
use crate::error::{Error, Kind, Result};
use crate::settings::Settings;
use ort::session::Session;
use ort::value::TensorRef;
use std::sync::Arc;
use stream::{Seen, Shape};

const MODEL: &str = "spleeter-2stems";
const FILE: &str = "model.onnx";

/// Raised whenever the same mix would give other stems.
const VERSION: u32 = 2;

/// Threads that one call makes use of.
const THREADS: usize = 2;

/// The network sees 11.9 s up to 11.0 kHz, which is what it was trained on. A longer seam changes nothing that can be
/// measured. The uppermost quarter of what it sees, 8.3 to 11 kHz, tells how much of the hiss above is a voice's.
const SHAPE: Shape = Shape { frame: 4464, lines: 1024, upper: 256, tile: 512, seam: 32, level: 4096.0 / 4464.0 };

pub(super) const SEPARATOR: Entry<dyn Separator> = Entry {
    name: "spleeter",
    about: "Spleeter on this machine: voices apart from music and effects",
    models: |_: &Settings| vec![MODEL.into(), LIBRARY.into()],
    build: |context: &Context| Ok(Arc::new(Spleeter { context: context.clone() })),
};

struct Spleeter {
    context: Context,
}

impl Separator for Spleeter {
    fn fingerprint(&self) -> Result<Fingerprint> {
        // Known from the registry before the model is there: who asks wants to know whether it works, too.
        self.context.models.file(MODEL, FILE)?;
        library(&self.context)?;
        let detail = format!("{} {LIBRARY} {VERSION}", self.context.models.fingerprint(MODEL)?);
        Ok(Fingerprint { engine: "spleeter".into(), model: MODEL.into(), detail })
    }

    fn load(&self) -> Load {
        let threads = self.context.threads.clamp(1, THREADS);
        Load { threads, parallel: (self.context.threads / threads).max(1) }
    }

    fn part(&self, read: Read<'_>, write: Write<'_>) -> Result<()> {
        // Opened for each call, in less than half a second: a call takes minutes, and between them lie hours in which
        // others need the memory.
        let path = self.context.models.file(MODEL, FILE)?;
        let mut session = session_with(&self.context, &path, self.load().threads)?;
        let mut mask = |seen: &Seen<'_>, mask: &mut [f32]| {
            self.context.cancel.check()?;
            share(&mut session, seen.left_right, mask)?;
            centre::centre(seen, SHAPE.lines, mask);
            Ok(())
        };
        stream::part(SHAPE, read, &mut mask, write)
    }
}

/// The voice's share as the network has it, neither firmer nor softer: the bed's share squared would leave 4 dB less of
/// a voice under a dub that covers it anyway, and take up to 3 dB more of the music wherever somebody speaks.
fn share(session: &mut Session, magnitudes: &[f32], share: &mut [f32]) -> Result<()> {
    let failed = |error: Error| error.hint(format!("check the model with: dubline models verify {MODEL}"));
    let mut run = || -> ort::Result<bool> {
        let input = TensorRef::from_array_view(([1, 2, SHAPE.tile, SHAPE.lines], magnitudes))?;
        let outputs = session.run(ort::inputs!["mag" => input])?;
        let (_, mask) = outputs["mask"].try_extract_tensor::<f32>()?;
        if mask.len() != share.len() || mask.iter().any(|value| !(0.0..=1.0).contains(value)) {
            return Ok(false);
        }
        share.copy_from_slice(mask);
        Ok(true)
    };
    match run() {
        Ok(true) => Ok(()),
        Ok(false) => Err(failed(Error::new(Kind::Engine, "the separator's model answered what is no mask"))),
        Err(cause) => Err(failed(Error::new(Kind::Engine, "separation failed").because(cause))),
    }
}

#[cfg(test)]
mod tests;
