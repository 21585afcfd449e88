"""Pure decisions: what an error is, whether and when a job is repeated, who is told. No I/O, no clock, no chance."""
