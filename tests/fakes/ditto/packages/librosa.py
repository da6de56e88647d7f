from types import SimpleNamespace

import soundfile


def _load(path, sr):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == sr
    return samples.mean(axis=1), sr


core = SimpleNamespace(load=_load)
