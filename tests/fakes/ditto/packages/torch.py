from types import SimpleNamespace

from ditto_noted import NOTED

cuda = SimpleNamespace(is_available=lambda: False)


def manual_seed(seed):
    NOTED["seed"] = seed
