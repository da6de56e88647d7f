from ltx_core.quantization import QuantizationPolicy


def build_nvfp4_cast_policy(checkpoint_path):
    return QuantizationPolicy("built nvfp4-cast", checkpoint_path)
