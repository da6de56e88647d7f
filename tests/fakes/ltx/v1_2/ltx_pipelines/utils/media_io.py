from ltx_record import encode_video

__all__ = ["encode_video"]
