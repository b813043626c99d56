"""Contract: what is claimed, what is paid for it, and when."""
