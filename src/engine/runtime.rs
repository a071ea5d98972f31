//! ONNX Runtime, loaded while running: finds the shared library and opens sessions that keep to the thread budget.
//!
//! Does not know what the models are for. The library comes from `ORT_DYLIB_PATH` where that is set,
//! else from the installed model [`LIBRARY`].

use super::Context;
use crate::error::{Error, Kind, Result};
use ort::session::Session;
use std::env;
use std::path::{Path, PathBuf};

/// The registered model that is ONNX Runtime itself: whatever uses [`session`] needs it too.
pub(super) const LIBRARY: &str = "onnxruntime-1.32";

/// The variable that names another library, as `ort` and its users know it.
const VARIABLE: &str = "ORT_DYLIB_PATH";

/// Opens the model at `model_path` for one compute thread a call.
///
/// # Errors
/// Fails if ONNX Runtime is not installed or cannot be loaded, or the model cannot be read.
pub(super) fn session(context: &Context, model_path: &Path) -> Result<Session> {
    session_with(context, model_path, 1)
}

/// Opens the model at `model_path` for calls on `threads` compute threads, the caller's own among them, which do not
/// spin: whoever calls has already counted them.
///
/// # Errors
/// Fails if ONNX Runtime is not installed or cannot be loaded, or the model cannot be read.
pub(super) fn session_with(context: &Context, model_path: &Path, threads: usize) -> Result<Session> {
    load(context)?;
    open(model_path, threads).map_err(|cause| {
        Error::new(Kind::Engine, "ONNX Runtime cannot open the model")
            .file(model_path)
            .because(cause)
            .hint("check the installed models with: dubline models verify")
    })
}

fn open(model_path: &Path, threads: usize) -> ort::Result<Session> {
    let builder = Session::builder()?.with_intra_threads(threads)?;
    let builder = builder.with_inter_threads(1)?;
    let builder = builder.with_intra_op_spinning(false)?;
    let mut builder = builder.with_inter_op_spinning(false)?;
    builder.commit_from_file(model_path)
}

/// Loads the library. `ort` keeps the first one for the life of the process, so later calls cost nothing.
fn load(context: &Context) -> Result<()> {
    let path = library(context)?;
    let environment = ort::init_from(&path).map_err(|cause| {
        Error::new(Kind::MissingTool, "cannot load ONNX Runtime").file(&path).because(cause.to_string()).hint(format!(
            "run `dubline models pull {LIBRARY}`, or let {VARIABLE} name a shared library of ONNX Runtime 1.{} or newer",
            ort::MINOR_VERSION
        ))
    })?;
    environment.with_telemetry(false).commit();
    Ok(())
}

/// The shared library.
///
/// # Errors
/// Fails as missing where there is none.
pub(super) fn library(context: &Context) -> Result<PathBuf> {
    if let Some(path) = env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from) {
        if path.is_file() {
            return Ok(path);
        }
        return Err(Error::new(Kind::MissingTool, format!("{VARIABLE} names no file"))
            .file(path)
            .hint(format!("unset {VARIABLE} to use the installed model {LIBRARY}")));
    }
    context.models.file(LIBRARY, file_name())
}

/// The library's name on this system, as the registry lists it.
fn file_name() -> &'static str {
    match env::consts::OS {
        "macos" => "libonnxruntime.dylib",
        "windows" => "onnxruntime.dll",
        _ => "libonnxruntime.so",
    }
}
