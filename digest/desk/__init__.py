"""The desk: what editors do. Gathering, drafting, editing, proofs, approval; pure stages and the store meet here."""
