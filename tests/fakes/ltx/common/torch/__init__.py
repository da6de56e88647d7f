"""As much of torch as the LTX-2 worker itself touches; importing the real one takes seconds."""

import contextlib


class device:  # noqa: N801 - torch's own name
    def __init__(self, name):
        self.name = name


class cuda:  # noqa: N801
    @staticmethod
    def is_available():
        return False


def inference_mode():
    return contextlib.nullcontext()
