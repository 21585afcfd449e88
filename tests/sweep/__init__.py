"""One scenario in which the engine is killed at every place there is, one after the other."""
