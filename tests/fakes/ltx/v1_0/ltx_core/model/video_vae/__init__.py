class TilingConfig:
    @classmethod
    def default(cls):
        return cls()


class AutoTiling:
    pass


AUTO_TILING = AutoTiling()


def get_video_chunks_number(num_frames, tiling_config):
    assert isinstance(tiling_config, TilingConfig)
    return -(-num_frames // 8)
