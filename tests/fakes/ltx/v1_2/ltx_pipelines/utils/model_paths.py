class ModelPaths:
    @classmethod
    def from_monolith(cls, checkpoint_path, gemma_root=None, *, video_vae_path=None):
        paths = cls()
        paths.checkpoint_path, paths.gemma_root = checkpoint_path, gemma_root
        return paths
