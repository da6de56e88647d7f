"""One card, many models: services and their processes, memory broker, forecast, chart."""
