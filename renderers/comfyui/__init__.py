"""ComfyUI: workflows with named places, its server, and ready-made workflows for pictures."""
