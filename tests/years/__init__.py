"""Simulated days: engine and world together in virtual time, with everything that goes wrong, judged by the truth."""
