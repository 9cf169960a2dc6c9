"""Faults planted in packages, and how many of them the doctor finds."""
