"""${DESCRIPTION}"""

import pulumi
from stateful_web import StatefulWeb, stack_config

# Every input is a config key of this project, e.g. replicas; Pulumi.yaml has what holds for all stacks.
project = pulumi.get_project()
with stack_config.config_keys_in_errors(project):
    web = StatefulWeb(stack_config.COMPONENT, stack_config.load(project))

pulumi.export("pod_hosts", web.pod_hosts)
pulumi.export("claim_names", web.claim_names)
