"""Partner profiles: what a person writes about a partner, validated, versioned and looked up."""
