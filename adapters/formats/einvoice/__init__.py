"""What the format `ubl` is made of beside its own files: reading the tree, writing it, and the official verdict."""
