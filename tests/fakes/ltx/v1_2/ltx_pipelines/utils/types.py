from enum import Enum


class OffloadMode(Enum):
    NONE = "none"
    CPU = "cpu"
    DISK = "disk"
