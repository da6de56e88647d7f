"""The animatic: vector storyboard frames and their motion, drawn on the CPU."""
