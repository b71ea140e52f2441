"""How partners speak: intake, formats, one declaration per kind of partner, delivery."""
