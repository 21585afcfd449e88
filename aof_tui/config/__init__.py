"""What a user sets: the settings, the YAML file they come from, and where secrets are read."""
