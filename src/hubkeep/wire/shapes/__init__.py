"""Facts as the wire shows them."""
