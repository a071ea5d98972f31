"""What `scripts/separation` and `scripts/listen` both measure. Needs numpy, and ffmpeg to decode."""

import subprocess

import numpy as np

RATE = 48_000


def si_sdr(truth, got):
    """Scale-invariant signal-to-distortion ratio (Le Roux et al., 2019) over both channels."""
    truth, got = truth.ravel(), got.ravel()
    best = truth * (got @ truth / (truth @ truth))
    return 10 * np.log10((best @ best) / ((got - best) @ (got - best) + 1e-20))


def lag(truth, got):
    """By how many samples ``got`` lies behind ``truth``, by correlation; both are mono and equally long."""
    size = 1 << (2 * len(truth)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(got, size) * np.conj(np.fft.rfft(truth, size)), size)
    at = int(np.argmax(correlation))
    return at if at < size // 2 else at - size


def decode(path, *how):
    """Samples as [moments, 2] at `RATE`, full scale 1; ``how`` are more of ffmpeg's options for what it writes."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), *how, "-ar", str(RATE), "-ac", "2", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, "<f4").reshape(-1, 2).astype(float)
