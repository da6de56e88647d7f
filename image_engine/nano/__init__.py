"""A small checkpoint that draws: the same architecture, files and key names, 256², on any machine.

    python -m image_engine nano data  --out runs/nano/data --count 4000
    python -m image_engine nano train --data runs/nano/data --out runs/nano

| file | knows |
|---|---|
| `checkpoint` | its shape, its tokenizer, how it is written as a checkpoint folder |
| `examples` | pictures with words on the disk, and batches of them as the model takes them |
| `objective` | the whole-sequence pass that gradients go through, the loss |
| `train` | the loop: resumable, logged, with samples |
| `__main__` | the command line |
"""
