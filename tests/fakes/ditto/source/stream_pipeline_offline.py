"""Ditto's offline pipeline as its `inference.py` drives it; its film is grey, and silent."""

import json
import queue
from pathlib import Path

import av
import numpy as np
from ditto_noted import NOTED


class Wav2Feat:
    def wav2feat(self, audio, sr=16000):
        assert audio.ndim == 1 and sr == 16000
        return np.zeros((len(audio) // 640, 1024), np.float32)


class StreamSDK:
    def __init__(self, cfg_pkl, data_root, **kwargs):
        # Relative, as its own: it must be run from its checkout.
        assert Path("stream_pipeline_offline.py").is_file()
        self.given = {"cfg": cfg_pkl, "models": data_root}

    def setup(self, source_path, output_path, **kwargs):
        assert Path(source_path).is_file()
        self.given |= kwargs
        self.tmp_output_path = f"{output_path}.tmp.mp4"
        self.wav2feat, self.audio2motion_queue = Wav2Feat(), queue.Queue()

    def setup_Nd(self, N_d, fade_in=-1, fade_out=-1, ctrl_info=None):  # noqa: N802, N803
        self.N_d = N_d

    def close(self):
        features = self.audio2motion_queue.get_nowait()
        given = {**self.given, "frames": self.N_d, "features": len(features), **NOTED}
        Path(self.given["cfg"]).with_name("noted.json").write_text(json.dumps(given))
        with av.open(self.tmp_output_path, "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height = 64, 128
            for shade in range(self.N_d):
                picture = np.full((128, 64, 3), 40 + shade, dtype=np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(stream.encode())
