"""Tools of those who work on the project: the reference, releases, audit and mutation tests."""
