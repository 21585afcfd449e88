"""The live terminal: Textual over a Control and nothing else."""
