"""Find, understand, repeat and escalate failed Workato jobs, from outside Workato."""

__version__ = "0.1.0"
