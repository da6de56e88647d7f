from ditto_noted import NOTED


def preload_dlls():
    NOTED["preloaded"] = True
