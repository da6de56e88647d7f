"""A real Ray cluster of two nodes on this machine, in a process of its own.

    python ray_nodes.py

prints the cluster's address and the second node's id, then obeys lines of its input: `kill`
takes the second node away with all that runs on it, as a power cut would; `add` brings
another one. It ends with its input.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# On a busy machine Ray's own processes need longer than it likes to come up.
os.environ |= {"RAY_agent_register_timeout_ms": "120000", "RAY_raylet_start_wait_time_s": "120"}

from ray.cluster_utils import Cluster

NODE = {"num_cpus": 1, "num_gpus": 1, "object_store_memory": 80 * 2**20}
"""The smallest object store that Ray takes; the card is one in Ray's books only."""


def descendants(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            child = int(stat.parent.name)
            yield child
            yield from descendants(child)


def cut_power(cluster: Cluster, node: object) -> None:
    (raylet,) = node.all_processes["raylet"]
    for pid in (raylet.process.pid, *descendants(raylet.process.pid)):
        os.kill(pid, signal.SIGKILL)
    cluster.remove_node(node, allow_graceful=False)


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    head = {**NODE, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        second = cluster.add_node(**NODE)
        _tell(f"{cluster.address} {second.node_id}")
        for line in sys.stdin:
            if line.strip() == "kill":
                cut_power(cluster, second)
            elif line.strip() == "add":
                second = cluster.add_node(**NODE)
            _tell(second.node_id)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
