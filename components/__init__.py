"""The product: an importable package, and a plugin for every other Pulumi language."""
