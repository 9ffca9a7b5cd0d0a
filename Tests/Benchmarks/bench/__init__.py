"""Whole processes of a tunnel, measured beside the least that a relay in user space costs."""
