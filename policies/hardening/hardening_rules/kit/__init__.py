"""What every pack needs to judge Kubernetes objects: their plain data, the form of a rule, and the SDK's adapter.

A pack is published as its folder alone, so each pack carries its own copy of this package. The copies are equal,
byte for byte; ``tests/policies`` compares them.
"""
