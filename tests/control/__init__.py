"""Tests of the door between engine and terminal."""
