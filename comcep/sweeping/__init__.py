"""What keeps the sweeps going: lanes, who leads, what is set aside, and how all this stands. No sweep lives here."""
