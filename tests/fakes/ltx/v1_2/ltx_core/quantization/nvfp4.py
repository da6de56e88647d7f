import os

from ltx_core.quantization import QuantizationPolicy


def _kernels():
    if os.environ.get("LTX_KERNELS") != "built":
        raise RuntimeError(
            "ltx-kernels not built; NVFP4 quantization requires the nvfp4 extension."
        )


def build_nvfp4_cast_policy(*, act_scale="fixed"):
    _kernels()
    return QuantizationPolicy("built nvfp4-cast", act_scale)


def build_nvfp4_prequant_policy(checkpoint_path, *, act_scale="static"):
    _kernels()
    return QuantizationPolicy("built nvfp4-prequant", checkpoint_path)
