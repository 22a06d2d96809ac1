"""Who may see and do what: the only place where a role or an audience is compared."""
