"""From a message to what a channel takes: first to a sheet of plain words, then to text, Slack blocks or a mail."""
