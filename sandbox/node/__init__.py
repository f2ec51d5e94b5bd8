"""A cluster with a real node: pods are processes, names resolve, volumes are mounted. Needs Linux and root.

`machine.py` is where it runs: in namespaces of its own; `packages.py` and `images.py` are what it runs; `cluster.py` is
the whole.
"""
