"""A Workato on this machine: a seeded world, an API in front of it, Slack and mail stand-ins, a truth log."""
