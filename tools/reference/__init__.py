"""Texts that follow from the code: the reference, and the config block of Pulumi.yaml."""
