"""The command line: puts ports, engine, terminal and simulator together."""
