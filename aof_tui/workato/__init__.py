"""The client of Workato's Developer API: what its answers mean, and how often it may be asked."""
