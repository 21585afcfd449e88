"""Measures the figures that the README names; nothing here is a test."""
