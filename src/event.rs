//! What happened: the only thing that work says to the world.
//!
//! Does not know who listens; `progress.rs` turns events into bars, lines or JSON.

use crate::lang::Lang;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A stage of the pipeline, in flow order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the words of the pipeline")]
pub enum Stage {
    Probe,
    Decode,
    Separate,
    Transcribe,
    Translate,
    Synthesize,
    Fit,
    Mix,
    Mux,
    Report,
}

impl Stage {
    /// Every stage in flow order.
    pub const ALL: &[Stage] = &[
        Stage::Probe,
        Stage::Decode,
        Stage::Separate,
        Stage::Transcribe,
        Stage::Translate,
        Stage::Synthesize,
        Stage::Fit,
        Stage::Mix,
        Stage::Mux,
        Stage::Report,
    ];

    /// Its name in commands, files, events and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Probe => "probe",
            Stage::Decode => "decode",
            Stage::Separate => "separate",
            Stage::Transcribe => "transcribe",
            Stage::Translate => "translate",
            Stage::Synthesize => "synthesize",
            Stage::Fit => "fit",
            Stage::Mix => "mix",
            Stage::Mux => "mux",
            Stage::Report => "report",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which piece of work an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Work {
    /// The episode's file name without its extension.
    pub episode: String,
    /// The stage.
    pub stage: Stage,
    /// The target language, for the stages that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Lang>,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.language {
            Some(language) => write!(f, "{} {language} {}", self.episode, self.stage),
            None => write!(f, "{} {}", self.episode, self.stage),
        }
    }
}

/// What a stage did, for the report.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
pub struct StageTime {
    /// The stage.
    pub stage: Stage,
    /// Results computed in this run.
    pub computed: u64,
    /// Results that lay in the store.
    pub reused: u64,
    /// Wall-clock seconds in this run.
    pub seconds: f64,
    /// Seconds of work that the results took when they were made, summed over parallel work.
    pub work_seconds: f64,
    /// The engines that made the results.
    pub engines: Vec<String>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A stage began.
    Started {
        /// Which.
        work: Work,
    },
    /// A stage moved on; `total` 0 means that the length is not known.
    Progress {
        /// Which.
        work: Work,
        /// Units done.
        done: u64,
        /// Units in all.
        total: u64,
    },
    /// A stage ended well.
    Finished {
        /// Which.
        work: Work,
        /// Results that were computed now.
        computed: u64,
        /// Results that lay in the store.
        reused: u64,
        /// Wall-clock seconds that it took now.
        seconds: f64,
    },
    /// A stage ended badly.
    Failed {
        /// Which.
        work: Work,
        /// The error in one line.
        error: String,
    },
    /// Something that a person should know, without stopping the work.
    Warning {
        /// Which piece of work it concerns, if one.
        #[serde(skip_serializing_if = "Option::is_none")]
        work: Option<Work>,
        /// One sentence.
        message: String,
    },
    /// A download moved on; `total` 0 means that the length is not known.
    Download {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// Bytes here.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A model is in place, or a word on how it gets there.
    Model {
        /// The model.
        model: String,
        /// One sentence.
        message: String,
    },
    /// An output is in place.
    Delivered {
        /// Which stage put it there, of which episode; its language is `mul` where it holds several.
        work: Work,
        /// Where.
        path: PathBuf,
    },
    /// An episode of several ended, well or badly; told once before the first one, too.
    Batch {
        /// Episodes that ended.
        done: usize,
        /// Episodes in all.
        total: usize,
        /// Those that are not whole: failed, or not delivered in every language.
        failed: usize,
    },
    /// A piece of finished work was judged anew; told once before the first one, too.
    Judged {
        /// Pieces that were judged.
        done: usize,
        /// Pieces in all.
        total: usize,
    },
    /// Something became of a file in a watched folder.
    Upload {
        /// Its name in the folder.
        file: String,
        /// What, as the rest of a sentence.
        message: String,
    },
    /// Ctrl-C or SIGTERM was heard.
    Interrupting {
        /// One sentence: what happens now.
        message: String,
    },
}

/// Where work sends its events. Cheap to clone.
#[derive(Clone)]
pub struct Events(Arc<dyn Fn(Event) + Send + Sync>);

impl Events {
    /// Events go to `listener`, from any thread.
    pub fn new(listener: impl Fn(Event) + Send + Sync + 'static) -> Events {
        Events(Arc::new(listener))
    }

    /// Nobody listens.
    pub fn silent() -> Events {
        Events::new(|_| {})
    }

    /// Says it.
    pub fn send(&self, event: Event) {
        (self.0)(event);
    }

    /// Says that a person should know something.
    pub fn warn(&self, work: Option<&Work>, message: impl Into<String>) {
        self.send(Event::Warning { work: work.cloned(), message: message.into() });
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}
