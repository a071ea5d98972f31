//! The first `dubline.toml` of a series, with the keys that a team changes first, and why they would.
//!
//! Text from what was found; does not look for it. What is not known is left open as a comment, never guessed.

use crate::lang::Lang;

/// What a folder holds.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What the series may be called.
    pub title: String,
    /// Patterns that match its episodes, relative to the folder.
    pub episodes: Vec<String>,
    /// How many they match.
    pub count: usize,
    /// Their numbers, in order; some may have none.
    pub numbers: Vec<u32>,
    /// A template of transcripts that are there, relative to the folder.
    pub transcripts: Option<String>,
    /// A folder of glossaries, relative to the folder.
    pub glossary: Option<String>,
    /// The spoken language.
    pub from: Option<Lang>,
    /// Languages to dub into.
    pub to: Vec<Lang>,
    /// Width and height of the first episode's picture, as it is shown.
    pub size: Option<(u32, u32)>,
}

/// Where the schema of `dubline.toml` is published.
pub const SCHEMA_URL: &str = "https://raw.githubusercontent.com/dubline/dubline/main/dubline.schema.json";

impl Found {
    /// Numbers that are missing between the first and the last one.
    pub fn gaps(&self) -> Vec<u32> {
        let (Some(first), Some(last)) = (self.numbers.iter().min(), self.numbers.iter().max()) else {
            return Vec::new();
        };
        (*first..=*last).filter(|number| !self.numbers.contains(number)).collect()
    }

    /// Numbers that are missing, told in short: `3, 5-7`.
    pub fn gaps_told(&self) -> String {
        super::ranges::told(&self.gaps())
    }

    /// The settings as text.
    pub fn toml(&self) -> String {
        let mut text = format!("#:schema {SCHEMA_URL}\n");
        text.push_str(
            "# Settings of this series. Flags and DUBLINE_… variables win over what stands here; paths are relative\n",
        );
        text.push_str("# to this file. `dubline settings` lists every key with its value.\n\n");
        text.push_str(&format!("title = {}\n\n", quoted(&self.title)));

        text.push_str(&format!("# {}\n", self.about_episodes()));
        text.push_str("# `!` leaves out: \"!episodes/*trailer*\".\n");
        text.push_str(&format!("episodes = {}\n", list(&self.episodes)));
        text.push_str("# only = \"4-70\"               # not all of them: ranges of numbers, as 1,3,8- too\n\n");

        match &self.from {
            Some(from) => {
                text.push_str(&format!("from = {}                      # what is spoken\n", quoted(from.tag())))
            }
            None => text.push_str(
                "# from = \"zh\"                 # what is spoken; heard from the sound where it is not given\n",
            ),
        }
        match self.to.is_empty() {
            true => text.push_str("# to = [\"en\", \"pt-BR\"]        # what to dub into; here or with --to\n"),
            false => {
                let tags: Vec<String> = self.to.iter().map(|to| to.tag().to_owned()).collect();
                text.push_str(&format!("to = {}\n", list(&tags)));
            }
        }
        text.push_str("out = \"out\"\n\n");

        text.push_str(
            "# Subtitles of the spoken language, where there are any, instead of recognition. An episode without its\n",
        );
        text.push_str("# file is heard.\n");
        match (&self.transcripts, &self.from) {
            (Some(template), Some(_)) => text.push_str(&format!("transcripts = {}\n\n", quoted(template))),
            (Some(template), None) => {
                text.push_str(&format!("# transcripts = {}   # needs `from`\n\n", quoted(template)));
            }
            (None, _) => text.push_str("# transcripts = \"subs/{episode}.srt\"\n\n"),
        }
        text.push_str("# Names, titles and terms of the series, over the built-in ones.\n");
        match &self.glossary {
            Some(folder) => text.push_str(&format!("glossaries = {}\n\n", list(std::slice::from_ref(folder)))),
            None => text.push_str("# glossaries = [\"glossary\"]\n\n"),
        }
        text.push_str("# A sentence or two on what it is about, for engines that can use it.\n# synopsis = \"\"\n\n");

        text.push_str("[deliver]\n");
        text.push_str("# Fields: {title} {episode} {number} {number:03} {language} {market}.\n");
        text.push_str("name = \"{language}/{episode}\"\n\n");

        text.push_str("[mix]\n");
        text.push_str(&format!("# {}\n", self.about_picture()));
        text.push_str("# social is −14 LUFS, apple −16, ebu-r128 −23, atsc-a85 −24, and netflix −27 of the dialogue.\nloudness = \"social\"\n\n");

        text.push_str("# What is said of one language alone:\n");
        text.push_str("# [target.en]\n# market = \"us\"\n# loudness = \"atsc-a85\"\n# deliver = \"both\"           # dub, subtitle or both\n\n");
        text.push_str("# Who speaks with which voice; `dubline voices` lists them:\n# [voice.speakers]\n# \"顾总\" = \"am_michael\"\n\n");
        text.push_str("# Engines for one pair or one language; `dubline engines` lists them:\n");
        text.push_str("# [engine.translate]\n# \"zh-en\" = \"chat\"\n# [engine.synthesize]\n# id = \"speech\"\n");
        text
    }

    fn about_episodes(&self) -> String {
        let numbers = match (self.numbers.is_empty(), self.gaps_told()) {
            (true, _) => "their names tell no number".to_owned(),
            (false, gaps) if gaps.is_empty() => format!("numbers {}", super::ranges::told(&self.numbers)),
            (false, gaps) => format!("numbers {}; {gaps} missing", super::ranges::told(&self.numbers)),
        };
        match self.count {
            0 => "No episode was found yet: say where they will lie.".to_owned(),
            1 => format!("One episode; {numbers}."),
            count => format!("{count} episodes; {numbers}."),
        }
    }

    fn about_picture(&self) -> String {
        match self.size {
            Some((width, height)) if height > width => {
                format!("The picture is upright ({width}×{height}): made for phones, which play at about −14 LUFS.")
            }
            Some((width, height)) => format!("The picture is {width}×{height}; broadcasters ask for another loudness."),
            None => "Loudness of the finished files.".to_owned(),
        }
    }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}
