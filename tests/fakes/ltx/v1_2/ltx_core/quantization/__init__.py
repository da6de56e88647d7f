class QuantizationPolicy:
    def __init__(self, name, checkpoint):
        self.name, self.checkpoint = name, checkpoint
