"""The crash proof: real engine processes are killed, and a simulator's truth log judges what the survivors did."""
