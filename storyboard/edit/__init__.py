"""Editing a film: what both the studio and an agent's tools do, over session, graph and store.

A change is a patch of the plan. It is shown first, with what it would redo and what that costs;
applied, the plan before it is kept; and only what it touches is made again.
"""
