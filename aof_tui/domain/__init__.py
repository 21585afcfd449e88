"""The words of the framework as data, and the lifecycle of a failure. Pure: no I/O, no clock."""
