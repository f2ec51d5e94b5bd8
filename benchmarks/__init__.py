"""The same work by this project and by its peers, in one run: ``make bench`` writes RESULTS.md and its plots."""
