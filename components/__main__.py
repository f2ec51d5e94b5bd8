"""Hosts the component for every other Pulumi language: the engine runs this folder."""

import sys
from typing import Any

import pulumi
import pulumi_kubernetes  # noqa: F401  so that the SDK reads the inputs of a provider that is handed over
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError
from stateful_web import InvalidInput, StatefulWeb, StatefulWebArgs, __version__
from stateful_web.findings import Finding, camel, camel_key
from stateful_web.schema import read
from stateful_web.values import plain


class Host(ComponentProvider):
    """Reads inputs as the program does, and says what is wrong with them without a traceback."""

    def map_inputs(self, inputs: Any, component_def: Any) -> Any:
        """Return the inputs in Python's spelling.

        The SDK's own way leaves integers as floats, and fails on an output in their place.
        """
        findings: list[Finding] = []
        args = read(plain(inputs), StatefulWebArgs, (), findings, camel)
        if findings:
            raise refusal(InvalidInput(findings))
        return args

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Make the component; a user's mistake is no crash."""
        try:
            made = super().construct(name, resource_type, inputs, options)
            return ConstructResult(pulumi.Output.from_input(urn_once_passed(made)), made.state)
        except ComponentInitError as error:
            if isinstance(error.inner, pulumi.RunError):
                raise refusal(error.inner) from None
            raise


async def urn_once_passed(made: ConstructResult) -> Any:
    """Wait for what the component asks of a provider's cluster: it may be refused by the answer."""
    try:
        await pulumi.Output.from_input(made.state["namespace"]).future()
    except pulumi.RunError as error:
        raise refusal(error) from None
    return await pulumi.Output.from_input(made.urn).future()


def refusal(error: pulumi.RunError) -> pulumi.InputPropertiesError:
    """Return what the engine prints as it is, with keys spelled as in the other languages."""
    said = InvalidInput(error.findings, camel_key) if isinstance(error, InvalidInput) else error
    # The SDK fails on an error without a list of properties.
    return pulumi.InputPropertiesError(str(said), errors=[])


if __name__ == "__main__":
    main(Host([StatefulWeb], "stateful-web", version=__version__), sys.argv[1:])
