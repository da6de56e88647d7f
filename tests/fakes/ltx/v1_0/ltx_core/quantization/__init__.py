class QuantizationPolicy:
    def __init__(self, name):
        self.name = name

    @classmethod
    def fp8_cast(cls):
        return cls("classic fp8-cast")

    @classmethod
    def fp8_scaled_mm(cls):
        return cls("classic fp8-scaled-mm")
