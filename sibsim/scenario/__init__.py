"""Scenario: a deal as data, read from a file with every problem at once, and written back."""
