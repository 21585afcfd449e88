"""What the terminal and the command line see of the engine: queries, commands and a pulled change feed."""
