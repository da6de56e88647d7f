from ltx_core.quantization import QuantizationPolicy


def build_policy(checkpoint_path):
    return QuantizationPolicy("built fp8-cast", checkpoint_path)
