"""Planted bugs: each promise is broken on purpose in a copy of the sources, and a check must notice."""
