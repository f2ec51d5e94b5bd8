"""${DESCRIPTION}"""

import pulumi
from stateful_web import StatefulWeb, StatefulWebArgs

config = pulumi.Config()

args: StatefulWebArgs = {
    "image": config.require("image"),
    "replicas": config.get_int("replicas", 1),
    # Keys as in Python, e.g. storage_class_name: a wrong one is refused by name, before anything is created.
    "storage": config.get_object("storage", {}),
    "mount_path": "/usr/share/nginx/html",
}
if namespace := config.get("namespace"):  # otherwise that of the provider or the context
    args["namespace"] = namespace
web = StatefulWeb("${PROJECT}", args)

pulumi.export("pod_hosts", web.pod_hosts)
pulumi.export("claim_names", web.claim_names)
