"""The policy packs, what they share, and what is made of them."""
