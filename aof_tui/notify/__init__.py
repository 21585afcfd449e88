"""Telling people: what a message says, how each channel shows it, and how it is sent."""
