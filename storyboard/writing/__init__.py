"""Who writes: the offline writer, the planning agent, the prompt agent."""
