"""Ports and small tools that every package may use: clock, randomness, text, secrets, errors, failpoints."""
