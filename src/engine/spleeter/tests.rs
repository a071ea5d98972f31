use super::*;
use crate::audio::Audio;
use crate::cancel::Cancel;
use crate::event::Events;
use crate::media;
use crate::model::Models;
use std::path::{Path, PathBuf};

/// The engine with the models that are installed, or a visible skip.
fn with_models(cancel: &Cancel, test: impl FnOnce(&dyn Separator)) {
    let root = std::env::var_os("DUBLINE_MODELS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        cache
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))
            .map(|c| c.join("dubline/models"))
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = Context {
        models: Arc::new(Models::new(&root.unwrap()).unwrap()),
        settings: Arc::new(Settings::default()),
        threads: 2,
        runtime: runtime.handle().clone(),
        events: Events::silent(),
        cancel: cancel.clone(),
    };
    if let Err(error) = context.models.file(MODEL, "model.onnx") {
        println!("SKIPPED: {error}");
        return;
    }
    test(&*(SEPARATOR.build)(&context).unwrap());
}

fn separate(separator: &dyn Separator, mix: &Audio) -> super::super::separator::Stems {
    let stems = separator.separate(mix, &mut |_| Ok(())).unwrap();
    assert_eq!((stems.voice.frames(), stems.bed.frames()), (mix.frames(), mix.frames()));
    let sums = stems.voice.samples.iter().zip(&stems.bed.samples).map(|(voice, bed)| voice + bed);
    let off = sums.zip(&mix.samples).map(|(sum, mix)| (sum - mix).abs()).fold(0.0, f32::max);
    assert!(off < 1e-5, "voice and bed are {off} off the mix");
    stems
}

/// How far what differs from the best scaled `truth` lies under it, in dB (SI-SDR).
fn likeness(truth: &Audio, made: &Audio) -> f64 {
    let product = |a: &Audio, b: &Audio| -> f64 {
        a.samples.iter().zip(&b.samples).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let scale = product(made, truth) / product(truth, truth);
    let error: f64 = made
        .samples
        .iter()
        .zip(&truth.samples)
        .map(|(made, t)| (f64::from(*made) - scale * f64::from(*t)).powi(2))
        .sum();
    10.0 * (scale * scale * product(truth, truth) / error).log10()
}

/// One of the fixtures' stems, 16 s of it with three lines.
fn fixture(name: &str) -> Audio {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let whole = media::read_sound(&std::fs::read(path).unwrap()).unwrap();
    let whole = media::resample(&whole, 48_000, 2).unwrap();
    whole.slice(4 * 48_000, 20 * 48_000)
}

#[test]
fn a_voice_and_its_music_come_apart() {
    with_models(&Cancel::new(), |separator| {
        let (voice, bed) = (fixture("zh_drama.voice.ogg"), fixture("zh_drama.bed.ogg"));
        let sum = voice.samples.iter().zip(&bed.samples).map(|(voice, bed)| voice + bed).collect();
        let mix = Audio { samples: sum, ..voice.clone() };
        let stems = separate(separator, &mix);
        // The voice is 13 dB over the music already, so that there is less to win for it than for the bed.
        for (name, truth, made, won) in [("voice", &voice, &stems.voice, 2.0), ("bed", &bed, &stems.bed, 8.0)] {
            let (before, after) = (likeness(truth, &mix), likeness(truth, made));
            println!("{name}: {before:.1} dB in the mix, {after:.1} dB in the stem");
            assert!(after > before + won, "{name}: {before:.1} dB in the mix, {after:.1} dB in the stem");
        }
    });
}

#[test]
fn any_length_is_parted_and_equal_channels_stay_equal() {
    with_models(&Cancel::new(), |separator| {
        let tone = |i: usize| (i as f32 * 0.03).sin() * 0.3 + (i as f32 * 0.11).sin() * 0.1;
        for frames in [0, 1, 1_000, 48_001] {
            let mix =
                Audio { samples: (0..frames).flat_map(|i| [tone(i); 2]).collect(), ..Audio::silence(48_000, 2, 0) };
            let stems = separate(separator, &mix);
            for stem in [&stems.voice, &stems.bed] {
                assert!(stem.samples.chunks_exact(2).all(|pair| pair[0] == pair[1]), "{frames} moments");
            }
        }
        let stems = separate(separator, &Audio::silence(48_000, 2, 100_000));
        assert_eq!((stems.voice.peak(), stems.bed.peak()), (0.0, 0.0));
    });
}

#[test]
fn it_stops_when_asked_to() {
    let cancel = Cancel::new();
    with_models(&cancel, |separator| {
        cancel.request();
        let mut noise = Audio::silence(48_000, 2, 4_800);
        noise.samples.iter_mut().enumerate().for_each(|(i, sample)| *sample = (i as f32).sin() * 0.1);
        let error = separator.separate(&noise, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), Kind::Interrupted);
    });
}
