"""The command line, as processes where that matters."""
