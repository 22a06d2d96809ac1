"""Members, networks, regions; sign-in, profile, own account."""
