"""Tests of the terminal, against a Control that lives in memory."""
