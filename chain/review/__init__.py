"""Dead letters and dossiers for people. It decides nothing itself."""
