"""Partners as an operator handles them: new ones, their keys, their profiles, the lifting of a suspension."""
