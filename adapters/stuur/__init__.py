"""Sending files to the intake as a partner does, and following what becomes of them."""
