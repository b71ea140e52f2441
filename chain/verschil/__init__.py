"""What a change of mapping, profile, norm or release changes in what a capture comes to. See README."""
