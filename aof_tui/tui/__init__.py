"""The live terminal: Textual over a Control and nothing else."""

import os

# Textual reads it when it is loaded. What comes shortly after a frame waits for up to two of its steps, and at 60 a
# second that is most of the time from a key to its effect. Frames are painted only where something has changed.
os.environ.setdefault("TEXTUAL_FPS", "120")
