import numpy as np
from ltx_core.model.video_vae import AUTO_TILING, TileSizeConfig
from ltx_record import Audio, assert_resolution, frames, note

from ltx_pipelines.utils.types import OffloadMode


class TI2VidTwoStagesPipeline:
    def __init__(
        self,
        model_paths,
        distilled_lora,
        spatial_upsampler_path,
        loras,
        device=None,
        quantization=None,
        registry=None,
        compilation_config=None,
        offload_mode=OffloadMode.NONE,
        alloc_trim_strategy=None,
        prompt_enhancer_gemma_root=None,
        diffvae_optimization=None,
    ):
        note("built", locals())

    def __call__(
        self,
        prompt,
        negative_prompt,
        seed,
        height,
        width,
        frame_rate,
        num_inference_steps,
        video_guider_params,
        audio_guider_params,
        images,
        num_frames="auto",
        vae_dtype=None,
        tiling_config=AUTO_TILING,
        enhance_prompt=False,
        max_batch_size=1,
        color_space=None,
        generated_keyframes=0,
    ):
        note("called", locals())
        assert_resolution(height, width, is_two_stage=True)
        audio = Audio(np.zeros((2, 48_000)), 24_000)
        return frames(num_frames, height, width), audio, num_frames, TileSizeConfig()
