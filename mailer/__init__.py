"""The post office: everything that leaves the house or comes back to it."""

__version__ = "0.1.0"
