"""The fuzzer: answers of Workato, mutated, against the real decoders, the real client and whole engines."""
