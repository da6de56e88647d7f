class TileSizeConfig:
    @classmethod
    def default(cls):
        return cls()

    def video_chunks_number(self, num_frames):
        return -(-num_frames // 8)


class TileCountConfig:
    def video_chunks_number(self, num_frames):
        return 2


# A union, which has no `default` of its own.
TilingConfig = TileSizeConfig | TileCountConfig


class AutoTiling:
    pass


AUTO_TILING = AutoTiling()


def get_video_chunks_number(num_frames, tiling_config=None):
    return 1 if tiling_config is None else tiling_config.video_chunks_number(num_frames)
