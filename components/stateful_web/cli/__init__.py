"""The day after: what a stack's state and its cluster say, and how to get on after a killed run."""
