"""One reusable component for stateful web servers on Kubernetes.

``StatefulWeb`` builds a headless Service, a StatefulSet and the claims of its pods, and selects the StorageClass.
"""

from .args import StatefulWebArgs, StorageArgs
from .component import StatefulWeb
from .findings import InvalidInput

__version__ = "0.1.0"

__all__ = ["InvalidInput", "StatefulWeb", "StatefulWebArgs", "StorageArgs"]
