"""Tests of the client of Workato's API."""
