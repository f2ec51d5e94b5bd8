"""What tests share: projects to run, and ways to read a cluster."""
