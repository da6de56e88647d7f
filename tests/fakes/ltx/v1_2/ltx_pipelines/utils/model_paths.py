class ModelPaths:
    @classmethod
    def from_monolith(cls, checkpoint_path, gemma_root=None, *, video_vae_path=None):
        paths = cls()
        paths.checkpoint_path, paths.gemma_root = checkpoint_path, gemma_root
        return paths

    @classmethod
    def from_split(
        cls,
        *,
        transformer_path=None,
        text_encoder_path=None,
        video_vae_path=None,
        audio_vae_path=None,
        duration_head_path=None,
    ):
        paths = cls()
        paths.transformer_path, paths.text_encoder_path = transformer_path, text_encoder_path
        paths.video_vae_path, paths.audio_vae_path = video_vae_path, audio_vae_path
        paths.duration_head_path = duration_head_path
        return paths
