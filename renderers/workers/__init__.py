"""Servers of heavy video models, each in a Python environment of its own.

A server (`server`) holds nothing but a port. A request starts a child process (`child`) that
imports the model, makes the clip and ends, so that everything it held is free again: memory
that CUDA, its contexts and its allocators keep in a living process is given back by nothing
but its end. `--persistent` keeps the child, and with it the weights, for the next request.

Everything here but the model files runs on the standard library alone, because a worker's
environment has the model's packages and not those of this project.
"""
