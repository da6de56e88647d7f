from ltx_core.model.video_vae import AUTO_TILING, TileSizeConfig
from ltx_record import assert_resolution, frames, note, sound

from ltx_pipelines.utils.types import OffloadMode


class A2VidPipelineTwoStage:
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
        num_frames,
        frame_rate,
        num_inference_steps,
        video_guider_params,
        images,
        audio_path,
        audio_start_time=0.0,
        audio_max_duration=None,
        vae_dtype=None,
        tiling_config=AUTO_TILING,
        enhance_prompt=False,
        max_batch_size=1,
        stage_1_sigmas=None,
        stage_2_sigmas=None,
        color_space=None,
    ):
        note("called", locals())
        assert_resolution(height, width, is_two_stage=True)
        audio = sound(audio_path, audio_start_time, audio_max_duration)
        return frames(num_frames, height, width), audio, TileSizeConfig()
