"""What SES and readers tell us later: read, verified, and folded into the ledger and the list."""
