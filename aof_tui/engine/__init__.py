"""The engine: finds failed jobs, decides, repeats, follows, tells. One asyncio loop, no terminal."""
