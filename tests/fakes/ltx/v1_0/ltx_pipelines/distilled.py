import numpy as np
from ltx_record import Audio, assert_resolution, frames, note


class DistilledPipeline:
    def __init__(
        self,
        distilled_checkpoint_path,
        gemma_root,
        spatial_upsampler_path,
        loras,
        device="cuda",
        quantization=None,
    ):
        note("built", locals())

    def __call__(
        self,
        prompt,
        seed,
        height,
        width,
        num_frames,
        frame_rate,
        images,
        tiling_config=None,
        enhance_prompt=False,
    ):
        note("called", locals())
        assert_resolution(height, width, is_two_stage=True)
        return frames(num_frames, height, width), Audio(np.zeros((2, 24_000)), 24_000)
