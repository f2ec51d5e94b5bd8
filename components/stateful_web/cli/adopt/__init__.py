"""A running StatefulSet becomes the config of a stack."""
