"""A stand-in for the kubernetes resource plugin, for machines that cannot get the official one.

It speaks the same protocol against a real API server. See README.md in this folder for what it covers.
"""
