"""One rule taken out of the code at a time, to see whether a test notices: `make mutate`."""
