"""What a fake LTX pipeline was built with and asked for, noted beside the weights it was given."""

import json
import os
import time
from enum import Enum
from fractions import Fraction
from pathlib import Path

import av
import numpy as np


class Audio:
    def __init__(self, waveform, sampling_rate):
        self.waveform, self.sampling_rate = waveform, sampling_rate


def note(what, values):
    path = Path(os.environ["LTX_RECORD"])
    known = json.loads(path.read_text()) if path.is_file() else []
    shown = {name: plain(value) for name, value in values.items() if name != "self"}
    path.write_text(json.dumps([*known, {"what": what, "pid": os.getpid(), **shown}]))


def plain(value):
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "__dict__"):
        fields = {name: plain(each) for name, each in vars(value).items()}
        return {"type": type(value).__name__, **fields}
    return str(value)


def assert_resolution(height, width, is_two_stage):
    multiple = 64 if is_two_stage else 32
    if height % multiple or width % multiple:
        raise ValueError(f"Resolution ({height}x{width}) is not divisible by {multiple}")


def frames(num_frames, height, width):
    """What a decoder yields: chunks of frames. Trouble is scripted by the environment."""
    trouble = os.environ.get("LTX_TROUBLE", "")
    if trouble == "oom":
        raise RuntimeError("CUDA out of memory. Tried to allocate 3.00 GiB")
    if trouble == "killed":
        os.kill(os.getpid(), 9)
    if trouble == "slow":
        time.sleep(60)
    print("a library that prints to standard output")  # noqa: T201
    for start in range(0, num_frames, 8):
        count = min(8, num_frames - start)
        yield np.full((count, height, width, 3), 40 + start, dtype=np.uint8)


def sound(path, start, duration):
    import soundfile

    data, rate = soundfile.read(path, always_2d=True)
    return Audio(data.T[:, : int(duration * rate)], rate)


def encode_video(video, fps, audio, output_path, video_chunks_number):
    note("encode", {"fps": fps, "chunks": video_chunks_number, "stereo": len(audio.waveform)})
    if len(audio.waveform) != 2:
        raise ValueError("Expected stereo audio waveform")
    with av.open(output_path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        opened = False
        for chunk in video:
            for picture in chunk:
                if not opened:
                    stream.height, stream.width = picture.shape[:2]
                    opened = True
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
