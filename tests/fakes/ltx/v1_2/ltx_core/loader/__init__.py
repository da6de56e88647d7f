from typing import NamedTuple

LTXV_LORA_COMFY_RENAMING_MAP = "renaming"


class LoraPathStrengthAndSDOps(NamedTuple):
    path: str
    strength: float
    sd_ops: str
