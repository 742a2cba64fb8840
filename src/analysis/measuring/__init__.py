"""What is counted: pure functions from tables to tables."""
