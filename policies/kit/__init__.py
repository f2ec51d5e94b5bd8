"""What every pack needs to judge Kubernetes objects: their plain data, the form of a rule, and the SDK's adapter.

Both packs use it from here; ``policies.assemble`` puts it into each pack that is published.
"""
