from ltx_record import assert_resolution, frames, note, sound


class A2VidPipelineTwoStage:
    def __init__(
        self,
        checkpoint_path,
        distilled_lora,
        spatial_upsampler_path,
        gemma_root,
        loras,
        device="cuda",
        quantization=None,
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
        tiling_config=None,
        enhance_prompt=False,
    ):
        note("called", locals())
        assert_resolution(height, width, is_two_stage=True)
        return frames(num_frames, height, width), sound(audio_path, 0, audio_max_duration)
