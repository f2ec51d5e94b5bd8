"""The program: settings -> StatefulWeb -> stack outputs."""

import pulumi

import settings
from components.stateful_web import StatefulWeb

with settings.config_keys_in_errors():
    web = StatefulWeb(settings.COMPONENT, settings.load())

pulumi.export("service_name", web.service_name)
pulumi.export("namespace", web.namespace)
pulumi.export("pod_hosts", web.pod_hosts)
pulumi.export("claim_names", web.claim_names)
pulumi.export("storage_class_name", web.storage_class_name)
pulumi.export("replicas", web.replicas)
pulumi.export("client_service_name", web.client_service_name)
